import Audit
import Exchange
import FHIR
import Hummingbird
import Primitives
import TransparencyLog

extension PortalRoutes {
  /// How many entries a page shows, and how many it looks at for them.
  private static let shownEntries = 40
  private static let readAtOnce = 200
  private static let readAtMost = 2000

  func log(_ request: PortalRequest) async throws -> Response {
    let (visitor, chart) = try request.chart()
    if case .logProof(let number) = request.route {
      return try await proof(number, chart, visitor)
    }
    let filter = Self.filter(request)
    let before = DecimalDigits.parse(request.value("before").utf8)
    let (entries, older) = try await entries(chart, filter, before: before, visitor)
    let next = older.map { number in
      "/log?"
        + [
          ("show", filter.show.rawValue), ("from", filter.from), ("to", filter.to),
          ("who", filter.who),
        ]
        .reduce(QueryString().adding("before", String(number))) { $0.adding($1.0, $1.1) }.encoded
    }
    return try await page(LogPage(entries: entries, filter: filter, older: next), request)
  }

  /// The newest entries, for the first page: without those about this list itself.
  func latestEvents(_ chart: String, _ visitor: PortalVisitor) async throws -> [LogEntryView] {
    try await exchange.auditEvents(of: chart, before: nil, limit: 40, as: try visitor.caller)
      .map(LogEntryView.init).filter(LogPage.Filter().shows)
  }

  /// - Returns: where older entries begin, unless there are none.
  private func entries(
    _ chart: String, _ filter: LogPage.Filter, before: Int64?, _ visitor: PortalVisitor
  ) async throws -> (entries: [LogEntryView], older: Int64?) {
    var shown: [LogEntryView] = []
    var position = before
    var looked = 0
    while looked < Self.readAtMost {
      let events = try await exchange.auditEvents(
        of: chart, before: position, limit: Self.readAtOnce, as: try visitor.caller)
      for event in events {
        position = event.sequence
        let entry = LogEntryView(event)
        guard filter.shows(entry) else { continue }
        shown.append(entry)
        if shown.count == Self.shownEntries { return (shown, position) }
      }
      looked += events.count
      if events.count < Self.readAtOnce { return (shown, nil) }
    }
    return (shown, position)
  }

  private static func filter(_ request: PortalRequest) -> LogPage.Filter {
    var filter = LogPage.Filter()
    filter.show = LogPage.Filter.Show(rawValue: request.value("show")) ?? .all
    filter.from = day(request.value("from"))
    filter.to = day(request.value("to"))
    filter.who = String(request.value("who").prefix(200))
    return filter
  }

  /// `YYYY-MM-DD`, or empty for anything else.
  private static func day(_ text: String) -> String {
    let digits = text.utf8.filter { $0 >= 0x30 && $0 <= 0x39 }.count
    return text.utf8.count == 10 && digits == 8 ? text : ""
  }

  /// The file is what `peerchart audit prove` writes.
  private func proof(
    _ number: Int64, _ chart: String, _ visitor: PortalVisitor
  ) async throws -> Response {
    let proof = try await exchange.proveAudit(number, of: chart, as: try visitor.caller)
    return PortalAnswer.download(
      proof.bundle.bytes, type: "text/plain; charset=utf-8", name: "peerchart-entry-\(number).proof"
    )
  }
}

extension LogEntryView {
  init(_ logged: LoggedEvent) {
    let event = logged.event
    var counts = event.counts
    if counts.isEmpty {
      counts = event.entities.reduce(into: [:]) {
        $0[String($1.prefix { $0 != "/" }), default: 0] += 1
      }
    }
    self.init(
      number: logged.sequence, time: event.time, deed: Self.deed(event),
      actorKind: event.actor.kind.rawValue, actorName: event.actor.name, role: event.role,
      counts: counts, purpose: event.purpose, consents: Set(event.consents).count,
      reasons: event.reasons, basis: event.basis,
      emergency: event.emergency.map { ($0.code, $0.text) },
      hasFailed: event.outcome != event.kind.usualOutcome, address: event.actor.address,
      request: event.detail["requests"] ?? event.request, records: event.entities)
    person = event.detail["stated-person"]
  }

  private static func deed(_ event: AuditEvent) -> String {
    guard event.kind == .write, event.action == .create || event.action == .delete else {
      return event.kind.rawValue
    }
    return event.action == .create ? "write-create" : "write-delete"
  }
}
