package import Primitives

/// An entry of the log, in codes.
package struct LogEntryView: Sendable {
  package var number: Int64
  package var time: Instant
  /// The kind of the event, `write-create` and `write-delete` among them.
  package var deed: String
  package var actorKind: String
  package var actorName: String?
  package var role: String?
  /// On whose behalf another node said it asked.
  package var person: String?
  /// How many records by record type or FHIR type.
  package var counts: [String: Int]
  package var purpose: String?
  package var consents: Int
  package var reasons: [String]
  package var basis: String?
  package var emergency: (code: String, text: String)?
  package var hasFailed: Bool
  package var address: String?
  package var request: String?
  /// `Type/id/_history/version`
  package var records: [String]

  package init(
    number: Int64, time: Instant, deed: String, actorKind: String, actorName: String?,
    role: String? = nil, counts: [String: Int] = [:], purpose: String? = nil, consents: Int = 0,
    reasons: [String] = [], basis: String? = nil, emergency: (code: String, text: String)? = nil,
    hasFailed: Bool = false, address: String? = nil, request: String? = nil,
    records: [String] = []
  ) {
    self.number = number
    self.time = time
    self.deed = deed
    self.actorKind = actorKind
    self.actorName = actorName
    self.role = role
    self.counts = counts
    self.purpose = purpose
    self.consents = consents
    self.reasons = reasons
    self.basis = basis
    self.emergency = emergency
    self.hasFailed = hasFailed
    self.address = address
    self.request = request
    self.records = records
  }

  /// What sort of thing it is, for the eye.
  package enum Tone: String, Sendable { case seen, refused, alarm, sharing, changed, other }

  package var tone: Tone {
    switch deed {
    case "break-glass": .alarm
    case "decision-deny", "peer-refused": .refused
    case "grant", "revoke", "access-request", "break-glass-reviewed", "break-glass-ended": .sharing
    case "write", "write-create", "write-delete", "import": .changed
    case "read", "search", "disclosure", "export", "decision-permit": .seen
    default: .other
    }
  }

  package func content(_ strings: PortalStrings) -> PageObject {
    let links = records.prefix(20).compactMap(Self.link)
    return [
      "number": .number(number), "kind": .text(tone.rawValue), "icon": .text(icon),
      "sentence": .text(sentence(strings)), "at": Wording.time(time, strings),
      "mark": tone == .alarm
        ? .text(strings["log.alarm"]) : tone == .refused ? .text(strings["log.refused"]) : false,
      "details": true, "facts": .objects(facts(strings)), "records": .objects(links),
      "hasRecords": .flag(!links.isEmpty),
    ]
  }

  private var icon: String {
    switch tone {
    case .seen: "eye"
    case .refused: "no"
    case .alarm: "alert"
    case .sharing: "share"
    case .changed: "pen"
    case .other: "info"
    }
  }

  private func facts(_ strings: PortalStrings) -> [PageObject] {
    let role = role.map { strings.code("role", $0) }
    let named: [(String, String?)] = [
      ("log.number", String(number)), ("log.role", role),
      ("log.person", person), ("log.address", address),
      ("log.request", request),
      (
        "log.reasons",
        tone == .refused || reasons.isEmpty
          ? nil : strings.list(Wording.codes("reason", reasons, strings))
      ),
    ]
    return named.compactMap { key, value in
      value.map { ["name": .text(strings[key]), "value": .text($0)] }
    }
  }

  /// A record's page, of the newest version that the reader may see.
  private static func link(_ reference: String) -> PageObject? {
    let parts = reference.split(separator: "/")
    guard parts.count >= 2 else { return nil }
    return [
      "href": .text("/record/\(parts[0])/\(parts[1])"), "text": .text("\(parts[0])/\(parts[1])"),
    ]
  }
}

/// Who looked at the chart, and what else happened to it.
package struct LogPage: PageModel {
  package static let template = "log"

  /// What is shown of the log.
  package struct Filter: Sendable, Equatable {
    package enum Show: String, CaseIterable, Sendable {
      case all, opened, sharing, emergency, changes, own
    }
    package var show = Show.all
    /// `YYYY-MM-DD`, both included; empty for no bound.
    package var from = ""
    package var to = ""
    package var who = ""

    package init() {}
  }

  package var entries: [LogEntryView]
  package var filter: Filter
  /// The address of older entries.
  package var older: String?

  package init(entries: [LogEntryView], filter: Filter, older: String?) {
    self.entries = entries
    self.filter = filter
    self.older = older
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.log"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let show = FormChoice(
      "show", label: strings["log.show"], .one,
      Filter.Show.allCases.map {
        FormChoice.Option($0.rawValue, strings["log.\($0.rawValue)"], isChosen: $0 == filter.show)
      })
    return [
      "show": show.content, "from": .text(filter.from), "to": .text(filter.to),
      "who": .text(filter.who), "days": .objects(days(strings)),
      "hasEvents": .flag(!entries.isEmpty), "older": .maybe(older),
      "nothing": EmptyState("log", "log.empty").content(strings),
    ]
  }

  private func days(_ strings: PortalStrings) -> [PageObject] {
    var days: [(name: String, events: [PageValue])] = []
    for entry in entries {
      let name = Wording.day(entry.time.description, strings)
      if days.last?.name != name { days.append((name, [])) }
      days[days.count - 1].events.append(.object(entry.content(strings)))
    }
    return days.map { ["name": .text($0.name), "events": .list($0.events)] }
  }
}

extension LogPage.Filter {
  /// Whether an entry is to be shown.
  package func shows(_ entry: LogEntryView) -> Bool {
    let kindFits =
      switch show {
      case .own: true
      case .all: entry.deed != "audit-read" || entry.actorKind == "peer"
      case .opened: entry.tone == .seen || entry.tone == .refused || entry.tone == .alarm
      case .sharing: entry.tone == .sharing
      case .emergency: entry.deed.hasPrefix("break-glass")
      case .changes: entry.tone == .changed
      }
    let day = String(entry.time.description.prefix(10))
    let name = (entry.actorName ?? "").lowercased()
    return kindFits && (from.isEmpty || day >= from) && (to.isEmpty || day <= to)
      && (who.isEmpty || name.contains(who.lowercased()))
  }
}
