import Consent
import Exchange
import Hummingbird
import Identity
import Primitives
import TransparencyLog

extension PortalRoutes {
  /// Of each provider, so many anchors are shown.
  private static let anchorsShown = 5

  /// The organizations that are known, by whose word, and whose word is taken.
  func entities(_ request: PortalRequest) async throws -> Response {
    try request.require(.seeTrust)
    let caller = try request.signedIn().caller
    let entities = try await exchange.entities(as: caller).map { summary in
      var entity = EntitiesPage.Entity(
        fingerprint: summary.fingerprint, state: summary.state.rawValue,
        isVerified: summary.isVerified, isStale: summary.state == .accredited && !summary.isFresh)
      entity.organization = summary.organization
      entity.name = summary.name
      entity.npi = summary.npi
      entity.reason = summary.reason?.rawValue
      entity.by = summary.by
      entity.since = summary.since
      entity.until = summary.until
      entity.knownAt = summary.knownAt
      return entity
    }
    let accreditors = try await exchange.accreditors(as: caller).map {
      EntitiesPage.Accreditor(
        id: $0.id, name: $0.name, freshHours: $0.freshness.map { Double($0) / 3600 },
        withdrawalsOnly: $0.withdrawalsOnly)
    }
    return try await page(EntitiesPage(entities: entities, accreditors: accreditors), request)
  }

  /// Witnesses, alarms and anchors of the log.
  func witnesses(_ request: PortalRequest) async throws -> Response {
    try request.require(.seeTrust)
    let caller = try request.signedIn().caller
    let status = try await exchange.logStatus(as: caller)
    var model = WitnessesPage(
      key: status.verifierKey, size: status.size, publishedSize: status.publishedSize,
      publishedAt: status.publishedAt, needed: status.needed)
    model.witnesses = status.witnesses.map {
      WitnessesPage.Row($0.title, state: $0.state, size: $0.size, at: $0.at)
    }
    model.followed = status.followed.map {
      var row = WitnessesPage.Row($0.name, state: $0.state, size: $0.size, at: $0.seenAt)
      row.evidence = $0.evidence
      return row
    }
    for place in try await exchange.anchorPlaces(as: caller) {
      model.anchors += try await exchange.anchors(
        of: place.name, limit: Self.anchorsShown, as: caller
      ).reversed().map(Self.row)
    }
    return try await page(model, request)
  }

  private static func row(_ anchor: LogAnchorSummary) -> WitnessesPage.Row {
    var row = WitnessesPage.Row(
      anchor.provider, state: anchor.finding.state.rawValue, size: anchor.finding.size,
      at: anchor.finding.time?.description)
    row.place = anchor.finding.place
    row.depth = anchor.finding.depth
    row.reason = anchor.finding.reason
    return row
  }
}
