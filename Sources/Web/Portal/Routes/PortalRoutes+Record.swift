import Consent
import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// How many records a page of the timeline and of a list shows.
  private static let timeline = 60
  private static let pageSize = 50

  func record(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    switch request.route {
    case .recordItem(let type, let id):
      let found = try await exchange.recordWithVersions(type, id: id, as: visitor.caller)
      return try await page(
        Self.itemPage(
          found.record,
          versions: found.versions.map {
            RecordItemPage.Version(number: $0.number, at: $0.at, isDeleted: $0.isDeleted)
          }), request)
    default:
      let (visitor, chart) = try request.chart()
      return try await chartPage(request, .own) { question, cursor, count in
        try await exchange.chart(
          of: chart, question, cursor: cursor, count: count, as: try visitor.caller)
      }
    }
  }

  /// A chart of another node. What that node does not give, or this one not any more, is told apart from
  /// its not answering.
  func shared(_ request: PortalRequest) async throws -> Response {
    try request.require(.readSharedCharts)
    do {
      return try await sharedPage(request)
    } catch let error as PeerChartError where error.code == .forbidden {
      return try await page(
        SharedClosedPage(.ended, again: request.incoming.path), request, status: .forbidden)
    } catch let error as PeerChartError
      where error.code == .unreachable || error.code == .integrity
    {
      return try await page(
        SharedClosedPage(.offline, again: request.incoming.path), request,
        status: .serviceUnavailable)
    }
  }

  private func sharedPage(_ request: PortalRequest) async throws -> Response {
    let caller = try request.signedIn().caller
    let id: String
    switch request.route {
    case .shared(let request), .sharedSearch(let request), .sharedType(let request, _),
      .sharedItem(let request, _, _):
      id = request
    default: throw PeerChartError(.notFound, "there is nothing at this address")
    }
    let chart = try await exchange.sharedChart(id, as: caller)
    let view = ChartView.shared(
      id,
      ChartView.Shared(
        patient: chart.patientName, node: chart.node, purpose: chart.purpose, until: chart.until))
    if case .sharedItem(_, let type, let record) = request.route {
      let found = try await exchange.readShared(id, type, id: record, as: caller)
      return try await page(Self.itemPage(found, view: view), request)
    }
    return try await chartPage(request, view, opened: chart.types) { question, cursor, count in
      try await exchange.readShared(id, question, cursor: cursor, count: count, as: caller)
    }
  }

  private typealias ChartReader =
    (ChartQuestion, _ cursor: String?, _ count: Int) async throws -> ChartPage

  /// The overview, a kind of record, or a search, from wherever the chart is read.
  ///
  /// - Parameter opened: what is shown of an overview even where there is nothing of it.
  private func chartPage(
    _ request: PortalRequest, _ view: ChartView, opened: [RecordType] = [],
    _ read: ChartReader
  ) async throws -> Response {
    let cursor = request.query.values("cursor").first
    switch request.route {
    case .recordType(let code), .sharedType(_, let code):
      guard let kind = RecordType(rawValue: code) else {
        throw PeerChartError(.notFound, "there is no record type of that name")
      }
      let found = try await read(
        ChartQuestion(types: RecordTypeSet(kind)), cursor, Self.pageSize)
      return try await page(
        RecordListPage(
          view: view, cause: .type(code), rows: Self.rows(found), count: found.counts[kind] ?? 0,
          more: Self.more(found, "\(view.base)/\(code)", [])), request)
    case .recordSearch, .sharedSearch:
      let (words, from, to) = (request.value("q"), request.value("from"), request.value("to"))
      let cause = RecordListPage.Cause.search(words, from: from, to: to)
      guard !(words.isEmpty && from.isEmpty && to.isEmpty) else {
        return try await page(
          RecordListPage(view: view, cause: cause, rows: [], more: nil), request)
      }
      let found = try await read(
        ChartQuestion(words: words, from: from, to: to), cursor, Self.pageSize)
      return try await page(
        RecordListPage(
          view: view, cause: cause, rows: Self.rows(found),
          count: found.counts.values.reduce(0, +),
          more: Self.more(
            found, "\(view.base)/search", [("q", words), ("from", from), ("to", to)])), request)
    default:
      let found = try await read(ChartQuestion(), cursor, Self.timeline)
      let counts = RecordType.allCases.compactMap { type -> (type: String, count: Int)? in
        let count = found.counts[type] ?? 0
        return count > 0 || opened.contains(type) ? (type.rawValue, count) : nil
      }
      let mayWrite = view.shared == nil && exchange.kind == .household
      return try await page(
        RecordPage(
          view: view, counts: counts, rows: Self.rows(found), isPartial: found.isPartial,
          more: Self.more(found, view.base, []),
          mayWrite: mayWrite && request.signedIn().isOwner),
        request)
    }
  }

  private static func more(
    _ page: ChartPage, _ path: String, _ query: [(String, String)]
  ) -> String? {
    page.next.map { cursor in
      let query = query.filter { !$0.1.isEmpty }.reduce(QueryString()) { $0.adding($1.0, $1.1) }
      return "\(path)?" + query.adding("cursor", cursor).encoded
    }
  }

  private static func itemPage(
    _ record: ChartRecord, view: ChartView = .own, versions: [RecordItemPage.Version] = []
  ) throws -> RecordItemPage {
    let reading = try RecordReading(record)
    return RecordItemPage(
      view: view, row: reading.row, value: reading.value, facts: reading.facts,
      labels: reading.labels, source: reading.source, stored: record.lastUpdated,
      version: record.version, versions: versions,
      json: String(decoding: record.json, as: UTF8.self))
  }

  private static func rows(_ page: ChartPage) -> [RecordRow] {
    page.records.compactMap { (try? RecordReading($0))?.row }
  }
}

/// Words that people typed, as the value of a search parameter.
enum SearchWords {
  /// A comma would part alternatives, a bar a system from a code (FHIR R4 3.1.1.5.7).
  static func escaped(_ words: String) -> String {
    words.unicodeScalars.reduce(into: "") { text, scalar in
      if ["\\", ",", "$", "|"].contains(scalar) { text.append("\\") }
      text.unicodeScalars.append(scalar)
    }
  }
}
