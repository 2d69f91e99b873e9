import Exchange
import HTTPTypes
import Identity
import Primitives

/// Finds out who is asking: a paired node by its certificate, anybody else by a bearer token.
struct Authenticator: Sendable {
  let exchange: Exchange

  /// - Throws: `unauthenticated` without valid credentials, `forbidden` for the certificate of a node
  ///   that is not paired.
  func caller(of incoming: Incoming) async throws -> Caller {
    let purpose = try incoming.field(.purposeOfUse)
    let address = incoming.connection.remoteAddress
    if let certificate = try await incoming.connection.clientCertificate() {
      return try await exchange.authenticate(
        peerCertificate: certificate, purpose: purpose,
        person: StatedPerson(decoding: incoming.field(.onBehalfOf)), networkAddress: address,
        requestID: incoming.requestID)
    }
    guard let header = try incoming.field(.authorization),
      let bearer = BearerCredentials(header: header)
    else {
      throw PeerChartError(
        .unauthenticated, "this needs a bearer token or the certificate of a paired node")
    }
    if AccessTokenClaims.isCandidate(bearer.token) {
      return try await exchange.authenticate(
        accessToken: bearer.token, holder: OAuthRoutes.holder(incoming),
        at: OAuthRoutes.server(incoming), purpose: purpose, networkAddress: address,
        requestID: incoming.requestID)
    }
    return try await exchange.authenticate(
      bearer: bearer.token, purpose: purpose, networkAddress: address,
      requestID: incoming.requestID, baseURL: try? incoming.baseURL().fhir)
  }
}

/// The credentials of `Authorization: Bearer` (RFC 6750 section 2.1) or `DPoP` (RFC 9449 section 7.1).
package struct BearerCredentials: Sendable {
  package let token: String

  /// Returns nil for another scheme or for what is no token68 of at most 8192 characters.
  package init?(header: String) {
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, ["bearer", "dpop"].contains(parts[0].lowercased()) else { return nil }
    let token = parts[1].drop { $0 == " " }
    guard !token.isEmpty, token.utf8.count <= 8192, token.utf8.allSatisfy(Self.isOfToken) else {
      return nil
    }
    self.token = String(token)
  }

  private static func isOfToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"),
      UInt8(ascii: "="):
      true
    default: false
    }
  }
}
