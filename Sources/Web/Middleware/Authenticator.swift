import Exchange
import HTTPTypes
import Identity
import Primitives

/// Finds out who is asking: whoever brings a token by that, a paired node by its certificate. Apps may show
/// a certificate as well, to which their token is bound (RFC 8705).
struct Authenticator: Sendable {
  let exchange: Exchange

  /// - Throws: `unauthenticated` without valid credentials, `forbidden` for the certificate of a node
  ///   that is not paired.
  func caller(of incoming: Incoming) async throws -> Caller {
    do {
      return try await recognized(incoming)
    } catch let error as PeerChartError where error.code == .unauthenticated {
      // Whoever tries keys is a stranger, and has as many requests as a stranger.
      try exchange.countStranger(at: incoming.connection.remoteAddress)
      throw error
    } catch let error as OAuthError {
      try exchange.countStranger(at: incoming.connection.remoteAddress)
      throw error
    }
  }

  private func recognized(_ incoming: Incoming) async throws -> Caller {
    let purpose = try incoming.field(.purposeOfUse)
    let address = incoming.connection.remoteAddress
    let header = try incoming.field(.authorization)
    if header == nil, let certificate = try await incoming.connection.clientCertificate() {
      return try await exchange.authenticate(
        peerCertificate: certificate, purpose: purpose,
        person: StatedPerson(decoding: incoming.field(.onBehalfOf)), networkAddress: address,
        requestID: incoming.requestID)
    }
    guard let bearer = header.flatMap({ BearerCredentials(header: $0) }) else {
      throw PeerChartError(
        .unauthenticated, "this needs a bearer token or the certificate of a paired node")
    }
    if AccessTokenClaims.isCandidate(bearer.token) {
      return try await exchange.authenticate(
        accessToken: bearer.token, holder: OAuthRoutes.holder(incoming, bearer),
        at: OAuthRoutes.server(incoming), purpose: purpose, networkAddress: address,
        requestID: incoming.requestID)
    }
    guard !bearer.isOfProof else {
      throw PeerChartError(.unauthenticated, "this token is not valid here")
    }
    return try await exchange.authenticate(
      bearer: bearer.token, purpose: purpose, networkAddress: address,
      requestID: incoming.requestID, baseURL: try? incoming.baseURL().fhir)
  }
}

/// The credentials of `Authorization: Bearer` (RFC 6750 section 2.1) or `DPoP` (RFC 9449 section 7.1).
package struct BearerCredentials: Sendable {
  package let token: String
  /// Whether the scheme is `DPoP`.
  package let isOfProof: Bool

  /// Returns nil for another scheme or for what is no token68 of at most 8192 characters.
  package init?(header: String) {
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, ["bearer", "dpop"].contains(parts[0].lowercased()) else { return nil }
    let token = parts[1].drop { $0 == " " }
    guard !token.isEmpty, token.utf8.count <= 8192, token.utf8.allSatisfy(Self.isOfToken) else {
      return nil
    }
    self.token = String(token)
    isOfProof = parts[0].lowercased() == "dpop"
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
