package import Primitives

/// One record in a list.
package struct RecordRow: Sendable {
  package var type: String
  package var id: String
  /// The code of its record type.
  package var kind: String
  package var title: String?
  package var detail: String?
  /// As it is recorded: a year, a month, a day or a time.
  package var date: String?

  package init(
    type: String, id: String, kind: String, title: String?, detail: String?, date: String?
  ) {
    self.type = type
    self.id = id
    self.kind = kind
    self.title = title
    self.detail = detail
    self.date = date
  }

  func content(_ view: ChartView, _ strings: PortalStrings) -> PageObject {
    [
      "href": .text("\(view.base)/\(type)/\(id)"), "kind": .text(strings.code("type", kind)),
      "title": .text(title ?? strings["record.untitled"]), "detail": .maybe(detail),
      "date": .maybe(date.map { Wording.day($0, strings) }),
    ]
  }
}

/// What the chart holds, by kind and by time.
package struct RecordPage: PageModel {
  package static let template = "record"

  package var view: ChartView
  /// How many records there are, by the code of their record type.
  package var counts: [(type: String, count: Int)]
  /// The newest first.
  package var rows: [RecordRow]
  /// Whether there is more than was counted.
  package var isPartial: Bool
  /// The address of older records.
  package var more: String?
  /// Whether the visitor writes down records of their own.
  package var mayWrite: Bool

  package init(
    view: ChartView = .own, counts: [(type: String, count: Int)], rows: [RecordRow],
    isPartial: Bool, more: String?, mayWrite: Bool = false
  ) {
    self.mayWrite = mayWrite
    self.view = view
    self.counts = counts
    self.rows = rows
    self.isPartial = isPartial
    self.more = more
  }

  package func title(_ strings: PortalStrings) -> String { view.heading(strings) }

  package func content(_ strings: PortalStrings) -> PageObject {
    var content: PageObject = [
      "types": .objects(
        counts.map { type, count in
          [
            "code": .text(type), "name": .text(strings.code("type", type)),
            "count": count > 0 ? .number(count) : false,
          ]
        }),
      "mayWrite": .flag(mayWrite), "isPartial": .flag(isPartial), "query": "",
      "years": .objects(years(strings)),
      "hasEntries": .flag(!rows.isEmpty), "more": .maybe(more),
      "nothing": EmptyState("record", "record.none").content(strings),
    ]
    content.merge(view.content(strings)) { $1 }
    return content
  }

  private func years(_ strings: PortalStrings) -> [PageObject] {
    var years: [(name: String, rows: [RecordRow])] = []
    for row in rows {
      let name = row.date.map { String($0.prefix(4)) } ?? strings["record.undated"]
      if years.last?.name != name { years.append((name, [])) }
      years[years.count - 1].rows.append(row)
    }
    return years.map {
      ["name": .text($0.name), "entries": .objects($0.rows.map { $0.content(view, strings) })]
    }
  }
}

/// The records of one kind, or those that a search found.
package struct RecordListPage: PageModel {
  package static let template = "record-list"

  /// What brings the list about.
  package enum Cause: Sendable, Equatable {
    case type(String)
    /// - Parameters:
    ///   - from: the first day, `YYYY-MM-DD`, or empty.
    ///   - to: the last day.
    case search(String, from: String = "", to: String = "")
  }

  package var view: ChartView
  package var cause: Cause
  package var rows: [RecordRow]
  /// How many there are on all pages; nil before anything was looked for.
  package var count: Int?
  /// The address of more.
  package var more: String?

  package init(
    view: ChartView = .own, cause: Cause, rows: [RecordRow], count: Int? = nil, more: String?
  ) {
    self.view = view
    self.cause = cause
    self.rows = rows
    self.count = count
    self.more = more
  }

  package func title(_ strings: PortalStrings) -> String {
    switch cause {
    case .type(let code): strings.code("type", code)
    case .search(let query, _, _):
      query.isEmpty ? strings["record.search"] : strings("record.found", ["query": query])
    }
  }

  package func content(_ strings: PortalStrings) -> PageObject {
    var isSearch = false
    var (query, from, to) = ("", "", "")
    if case .search(let words, let first, let last) = cause {
      isSearch = true
      (query, from, to) = (words, first, last)
    }
    var content: PageObject = [
      "title": .text(title(strings)), "isSearch": .flag(isSearch), "query": .text(query),
      "from": .text(from), "to": .text(to),
      "entries": .objects(rows.map { $0.content(view, strings) }),
      "hasEntries": .flag(!rows.isEmpty), "more": .maybe(more),
      "total": .maybe(count.map { strings.count("record.total", $0) }),
      "nothing": isSearch && count == nil
        ? false
        : EmptyState("record", isSearch ? "record.nothing_found" : "record.none").content(strings),
    ]
    content.merge(view.content(strings)) { $1 }
    return content
  }
}

/// One record with where it comes from.
package struct RecordItemPage: PageModel {
  package static let template = "record-item"

  package struct Version: Sendable {
    package var number: Int64
    package var at: Instant
    package var isDeleted: Bool
    package init(number: Int64, at: Instant, isDeleted: Bool) {
      self.number = number
      self.at = at
      self.isDeleted = isDeleted
    }
  }

  package var view: ChartView
  package var row: RecordRow
  package var value: String?
  /// Words under `fact` in the table, and what the record says.
  package var facts: [(word: String, value: String)]
  package var labels: [String]
  package var source: String?
  package var stored: Instant
  package var version: Int64
  package var versions: [Version]
  package var json: String

  package init(
    view: ChartView = .own, row: RecordRow, value: String?, facts: [(word: String, value: String)],
    labels: [String],
    source: String?, stored: Instant, version: Int64, versions: [Version], json: String
  ) {
    self.view = view
    self.row = row
    self.value = value
    self.facts = facts
    self.labels = labels
    self.source = source
    self.stored = stored
    self.version = version
    self.versions = versions
    self.json = json
  }

  package func title(_ strings: PortalStrings) -> String {
    row.title ?? strings["record.untitled"]
  }

  package func content(_ strings: PortalStrings) -> PageObject {
    var content: PageObject = [
      "typeCode": .text(row.kind), "typeName": .text(strings.code("type", row.kind)),
      "date": .maybe(row.date.map { Wording.day($0, strings) }), "value": .maybe(value),
      "facts": .objects(
        facts.map { ["name": .text(strings["fact.\($0.word)"]), "value": .text($0.value)] }),
      "labels": .texts(Wording.codes("label", labels, strings)),
      "hasLabels": .flag(!labels.isEmpty), "source": .maybe(source),
      "stored": Wording.time(stored, strings), "version": .number(version),
      "reference": .text("\(row.type)/\(row.id)"), "hasVersions": .flag(versions.count > 1),
      "versions": .objects(
        versions.map { version in
          [
            "text": .text(
              strings(
                version.isDeleted ? "record.version_deleted" : "record.version_text",
                ["number": String(version.number)])),
            "at": Wording.time(version.at, strings),
          ]
        }),
      "json": .text(json),
    ]
    content.merge(view.content(strings)) { $1 }
    return content
  }
}
