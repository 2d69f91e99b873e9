import Exchange
import Hummingbird
import Primitives

extension PortalRoutes {
  /// Smart cards: signing in with the one that the browser showed, adding it, and removing one.
  func cards(_ request: PortalRequest) async throws -> Response {
    let form = try await PortalForm(request)
    switch request.route {
    case .cardSignIn:
      let next = PortalPath.inside(form["next"])
      do {
        let session = try await exchange.signIn(
          certificate: try await request.incoming.connection.clientCertificate(),
          again: request.visitor?.signedIn.token, from: request.origin())
        return try await begun(session, next, request)
      } catch let error as PeerChartError where error.code == .unauthenticated {
        return try await signInPage(request, next: next, error: "sign_in.wrong_card")
      }
    case .card(let id):
      try await exchange.removeCertificate(
        id, request.signedIn().signedIn, from: request.origin())
      return PortalAnswer.seeOther("/security?done=removed")
    default:
      do {
        let session = try await exchange.addCertificate(
          try await request.incoming.connection.clientCertificate(),
          request.signedIn().signedIn, from: request.origin())
        return PortalAnswer.seeOther("/security?done=added", cookies: Self.cookies(session))
      } catch let error as PeerChartError
        where error.code == .unauthenticated || error.code == .conflict
      {
        return PortalAnswer.seeOther("/security?problem=card")
      }
    }
  }
}
