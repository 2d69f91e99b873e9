import Consent
import Exchange
import Hummingbird
import Primitives

extension PortalRoutes {
  func home(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    guard visitor.isOwner, let chart = visitor.chart else {
      return PortalAnswer.seeOther(Self.start(visitor))
    }
    let emergencies = try await exchange.breakGlassSessions(of: chart, as: try visitor.caller)
    let names = try await namesOfEmergencies(visitor)
    return try await page(
      HomePage(
        chartName: visitor.otherChart ?? "", visitorName: visitor.name,
        requests: try await incoming(visitor), grants: try await grants(chart, visitor),
        events: try await latestEvents(chart, visitor),
        emergencies: emergencies.filter { $0.review == "pending" }.map {
          names[$0.session] ?? $0.by
        },
        now: now), request)
  }

  /// The first page of somebody who has no chart here.
  private static func start(_ visitor: PortalVisitor) -> String {
    if visitor.permissions.contains(.requestAccess) { return "/patients" }
    if !visitor.permissions.isDisjoint(with: [.manageAccounts, .invitePatients]) {
      return "/staff"
    }
    return visitor.permissions.contains(.reviewBreakGlass) ? "/emergency" : "/family"
  }
}
