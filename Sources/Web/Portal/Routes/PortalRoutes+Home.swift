import Exchange
import Hummingbird
import Primitives

extension PortalRoutes {
  func home(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    guard visitor.abilities.contains(.decideSharing), let chart = visitor.chart else {
      return PortalAnswer.seeOther(
        visitor.abilities.contains(.askForAccess)
          ? "/patients" : visitor.abilities.contains(.manageStaff) ? "/staff" : "/family")
    }
    let emergencies = try await exchange.breakGlassSessions(of: chart, as: visitor.caller)
    return try await page(
      HomePage(
        chartName: visitor.otherChart ?? "", visitorName: visitor.name,
        requests: try await incoming(visitor), grants: try await grants(chart, visitor),
        events: try await latestEvents(chart, visitor),
        emergencies: emergencies.filter { $0.review == "pending" }.map(\.by), now: now), request)
  }
}
