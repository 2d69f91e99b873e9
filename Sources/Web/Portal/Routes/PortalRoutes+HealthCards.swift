import ClinicalFormats
import Consent
import Exchange
import FHIR
import Hummingbird
import Primitives

extension PortalRoutes {
  /// How many records are offered for a card.
  private static let offered = 100

  /// Health cards: what can be put on one, those that were made, taking one back.
  func healthCards(_ request: PortalRequest) async throws -> Response {
    try request.require(.decideSharing)
    let (visitor, chart) = try request.chart()
    if case .healthCard(let id) = request.route {
      _ = try await PortalForm(request)
      do {
        try await exchange.revokeCard(id, as: try visitor.caller)
      } catch let error as PeerChartError where error.code == .conflict {
        // Who presses twice gets what both presses ask for.
      }
      return PortalAnswer.seeOther("/sharing/cards?done=card_revoked")
    }
    var problem: String?
    if request.isPost {
      let chosen = try await PortalForm(request).all("records").sorted()
      if chosen.isEmpty || chosen.count > HealthCardOrder.maximumRecords {
        problem = "hcards.error_records"
      } else {
        do {
          return try await madeCard(chosen, chart, visitor, request)
        } catch let error as PeerChartError where error.code == .invalid {
          problem = "hcards.error_card"
        }
      }
    }
    let caller = try visitor.caller
    return try await page(
      HealthCardsPage(
        records: try await cardRecords(chart, caller),
        cards: try await exchange.healthCards(of: chart, as: caller), problem: problem), request,
      notes: problem == nil ? [] : [PageFrame.Note(.alarm, "error.form")],
      status: problem == nil ? .ok : .unprocessableContent)
  }

  /// Shown once, by this answer: the card is not kept.
  private func madeCard(
    _ records: [String], _ chart: String, _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    let card = try await exchange.issueCard(
      HealthCardOrder(
        patient: chart, records: records, issuer: try request.incoming.baseURL().text),
      as: try visitor.caller)
    return try await page(
      HealthCardPage(
        codes: try card.codes.exposed.map { text throws(PeerChartError) in
          try QRCode(healthCard: text)
        }, file: Base64.encode(HealthCardText.file([card.text.exposed]))), request)
  }

  /// What of the chart can be put on a card.
  func cardRecords(_ chart: String, _ caller: Caller) async throws -> [RecordRow] {
    var rows: [RecordRow] = []
    for type in HealthCardMinimizer.types {
      var query = [("patient", chart), ("_count", String(Self.offered))]
      if type == "Observation" { query.append(("category", "laboratory")) }
      rows += try await exchange.search(type, query: query, strict: true, as: caller)
        .resources.map { try RecordReading($0).row }
    }
    return rows
  }
}
