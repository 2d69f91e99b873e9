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

  func content(_ strings: PortalStrings) -> PageObject {
    [
      "href": .text("/record/\(type)/\(id)"), "kind": .text(strings.code("type", kind)),
      "title": .text(title ?? strings["record.untitled"]), "detail": .maybe(detail),
      "date": .maybe(date.map { Wording.day($0, strings) }),
    ]
  }
}

/// What the chart holds, by kind and by time.
package struct RecordPage: PageModel {
  package static let template = "record"

  package var rows: [RecordRow]
  /// The codes of all record types.
  package var types: [String]
  /// Whether there is more than `rows`.
  package var isPartial: Bool
  /// Whether the visitor writes down records of their own.
  package var mayWrite: Bool

  package init(rows: [RecordRow], types: [String], isPartial: Bool, mayWrite: Bool = false) {
    self.mayWrite = mayWrite
    self.rows = rows
    self.types = types
    self.isPartial = isPartial
  }

  /// How many records the timeline shows.
  private static let longest = 60

  package func title(_ strings: PortalStrings) -> String { strings["nav.record"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let counts = Dictionary(grouping: rows, by: \.kind).mapValues(\.count)
    let known = types.filter { counts[$0] ?? 0 > 0 }
    return [
      "types": .objects(
        known.map { code in
          [
            "code": .text(code), "name": .text(strings.code("type", code)),
            "count": counts[code].map { .number($0) } ?? false,
          ]
        }),
      "mayWrite": .flag(mayWrite), "isPartial": .flag(isPartial), "query": "",
      "years": .objects(years(strings)),
      "hasEntries": .flag(!rows.isEmpty),
      "nothing": EmptyState("record", "record.none").content(strings),
    ]
  }

  private func years(_ strings: PortalStrings) -> [PageObject] {
    let newest = rows.sorted { $0.date ?? "" > $1.date ?? "" }.prefix(Self.longest)
    var years: [(name: String, rows: [RecordRow])] = []
    for row in newest {
      let name = row.date.map { String($0.prefix(4)) } ?? strings["record.undated"]
      if years.last?.name != name { years.append((name, [])) }
      years[years.count - 1].rows.append(row)
    }
    return years.map {
      ["name": .text($0.name), "entries": .objects($0.rows.map { $0.content(strings) })]
    }
  }
}

/// The records of one kind, or those that a search found.
package struct RecordListPage: PageModel {
  package static let template = "record-list"

  /// What brings the list about.
  package enum Cause: Sendable, Equatable {
    case type(String)
    case search(String)
  }

  package var cause: Cause
  package var rows: [RecordRow]
  /// The address of more.
  package var more: String?

  package init(cause: Cause, rows: [RecordRow], more: String?) {
    self.cause = cause
    self.rows = rows
    self.more = more
  }

  package func title(_ strings: PortalStrings) -> String {
    switch cause {
    case .type(let code): strings.code("type", code)
    case .search(let query):
      query.isEmpty ? strings["record.search"] : strings("record.found", ["query": query])
    }
  }

  package func content(_ strings: PortalStrings) -> PageObject {
    let query: String? = if case .search(let query) = cause { query } else { nil }
    let word = query == nil ? "record.none" : "record.nothing_found"
    return [
      "heading": .text(title(strings)), "isSearch": .flag(query != nil),
      "query": .text(query ?? ""), "entries": .objects(rows.map { $0.content(strings) }),
      "hasEntries": .flag(!rows.isEmpty), "more": .maybe(more),
      "nothing": query == "" ? false : EmptyState("record", word).content(strings),
    ]
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
    row: RecordRow, value: String?, facts: [(word: String, value: String)], labels: [String],
    source: String?, stored: Instant, version: Int64, versions: [Version], json: String
  ) {
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
    [
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
  }
}
