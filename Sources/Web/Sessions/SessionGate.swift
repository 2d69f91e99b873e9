import Exchange
import HTTPTypes
import Hummingbird
import Identity
import Primitives

/// Finds out which person a browser's request is from.
struct SessionGate: Sendable {
  let exchange: Exchange

  /// Whoever is signed in; nil for a request without a session, or with one that has ended.
  func visitor(_ incoming: Incoming) async throws -> SignedIn? {
    guard let cookie = SessionCookie.session.value(in: incoming.request.headers),
      let token = SessionToken(cookie)
    else { return nil }
    do {
      return try await exchange.authenticate(
        session: token, purpose: nil, networkAddress: incoming.connection.remoteAddress,
        requestID: incoming.requestID)
    } catch let error as PeerChartError where error.code == .unauthenticated {
      return nil
    }
  }

  /// - Throws: `unauthenticated`.
  func signedIn(_ incoming: Incoming) async throws -> SignedIn {
    guard let visitor = try await visitor(incoming) else {
      throw PeerChartError(.unauthenticated, "sign in first")
    }
    return visitor
  }

  /// Where a request to sign in comes from.
  func origin(_ incoming: Incoming) -> SignInOrigin {
    SignInOrigin(
      networkAddress: incoming.connection.remoteAddress,
      device: incoming.request.headers[.userAgent],
      deviceTicket: SessionCookie.device.value(in: incoming.request.headers).map { Redacted($0) },
      requestID: incoming.requestID)
  }

  /// Refuses what another site's page has sent (CSRF), whatever cookies came along: the browser says which
  /// site asked, and the form says the session's own word.
  ///
  /// - Parameter formToken: the form's word; nil where nobody is signed in yet.
  /// - Throws: `forbidden`.
  func requireOwnForm(
    _ incoming: Incoming, _ formToken: String?, _ visitor: SignedIn?
  ) throws {
    let refusal = PeerChartError(
      .forbidden, "this did not come from a page of this node; go back and try again")
    if let site = try incoming.field(.secFetchSite), site != "same-origin" { throw refusal }
    if let origin = try incoming.field(.origin) {
      guard try origin == incoming.baseURL().text else { throw refusal }
    }
    guard let visitor else { return }
    guard let formToken, visitor.token.matches(formToken: formToken) else { throw refusal }
  }
}

extension HTTPField.Name {
  /// Which site's page a request came from (Fetch Metadata).
  static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .via
}
