import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// How many records the overview looks at.
  private static let overview = 500
  private static let pageSize = 100
  /// Where each type keeps the words that a search looks at.
  private static let searched = [
    ("Condition", "code"), ("MedicationRequest", "code"), ("AllergyIntolerance", "code"),
    ("Observation", "code"), ("DiagnosticReport", "code"), ("Procedure", "code"),
    ("Immunization", "vaccine-code"), ("DocumentReference", "type"), ("Encounter", "type"),
  ]

  func record(_ request: PortalRequest) async throws -> Response {
    switch request.route {
    case .record: return try await overview(request)
    case .recordType(let code): return try await records(code, request)
    case .recordSearch: return try await search(request)
    case .recordItem(let type, let id): return try await item(type, id, request)
    default: throw PeerChartError(.notFound, "there is nothing at this address")
    }
  }

  private func overview(_ request: PortalRequest) async throws -> Response {
    let (visitor, chart) = try request.chart()
    let found = try await exchange.everything(
      of: chart, EverythingRequest(), cursor: nil, count: Self.overview, query: [],
      as: try visitor.caller)
    return try await page(
      RecordPage(
        rows: Self.rows(found.resources), types: RecordType.allCases.map(\.rawValue),
        isPartial: found.next != nil,
        mayWrite: exchange.kind == .household && visitor.isOwner), request)
  }

  /// What a chart holds of one kind. Types that only their content tells are sorted here.
  private func records(_ code: String, _ request: PortalRequest) async throws -> Response {
    let (visitor, chart) = try request.chart()
    guard let kind = RecordType(rawValue: code) else {
      throw PeerChartError(.notFound, "there is no record type of that name")
    }
    let types = Compartment.patient.types.filter { RecordType.possible(for: $0).contains(kind) }
    let cursor = request.query.values("cursor").first
    let found = try await exchange.everything(
      of: chart, EverythingRequest(types: Set(types + (kind == .demographics ? ["Patient"] : []))),
      cursor: cursor, count: Self.overview, query: [("type", code)], as: try visitor.caller)
    let rows = Self.rows(found.resources).filter { $0.kind == code }
    return try await page(
      RecordListPage(
        cause: .type(code), rows: rows.sorted { $0.date ?? "" > $1.date ?? "" },
        more: found.next.map { "/record/\(code)?" + QueryString().adding("cursor", $0).encoded }),
      request)
  }

  private func search(_ request: PortalRequest) async throws -> Response {
    let (visitor, chart) = try request.chart()
    let words = request.value("q")
    guard words.utf8.count <= 200, let membership = CompartmentMembership(.patient, id: chart)
    else {
      throw PeerChartError(.invalid, "these are too many words", place: "q")
    }
    var rows: [RecordRow] = []
    if !words.isEmpty {
      for (type, parameter) in Self.searched {
        let found = try await exchange.search(
          SearchPlace(type: type, compartment: membership),
          query: [
            ("\(parameter):text", SearchWords.escaped(words)), ("_count", String(Self.pageSize)),
          ], strict: true,
          as: try visitor.caller)
        rows += Self.rows(found.resources)
      }
    }
    return try await page(
      RecordListPage(
        cause: .search(words), rows: rows.sorted { $0.date ?? "" > $1.date ?? "" }, more: nil),
      request)
  }

  private func item(_ type: String, _ id: String, _ request: PortalRequest) async throws -> Response
  {
    let visitor = try request.signedIn()
    let released = try await exchange.read(type, id: id, as: try visitor.caller)
    let versions = try await versions(type, id, visitor.caller)
    let reading = try RecordReading(released)
    return try await page(
      RecordItemPage(
        row: reading.row, value: reading.value, facts: reading.facts, labels: reading.labels,
        source: reading.source, stored: released.lastUpdated, version: released.version,
        versions: versions,
        json: String(decoding: released.json, as: UTF8.self)), request)
  }

  /// Nothing where the newest version is open to the visitor and older ones are not.
  private func versions(
    _ type: String, _ id: String, _ caller: Caller
  ) async throws -> [RecordItemPage.Version] {
    do {
      return try await exchange.history(type, id: id, cursor: nil, count: 20, as: caller)
        .resources.map {
          RecordItemPage.Version(number: $0.version, at: $0.lastUpdated, isDeleted: $0.isDeleted)
        }
    } catch let error as PeerChartError where error.code == .forbidden {
      return []
    }
  }

  private static func rows(_ resources: [ReleasedResource]) -> [RecordRow] {
    resources.compactMap { released in
      released.isDeleted ? nil : (try? RecordReading(released))?.row
    }
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
