import FuzzDriver
import Identity
import Primitives

/// What strangers send to the authorization server. The first byte picks the parser, the rest is its
/// input.
@main enum OAuthFuzz {
  static func main() {
    guard let client = try? client() else { return }
    FuzzDriver.run { input in
      guard let choice = input.first else { return }
      let bytes = Array(input.dropFirst())
      let text = String(decoding: bytes, as: UTF8.self)
      switch choice % 8 {
      case 0: readKeys(bytes)
      case 1: readMetadata(bytes)
      case 2: readRequest(bytes, client)
      case 3: readTokenRequest(bytes)
      case 4:
        _ = try? DPoPProof(
          verifying: text, method: "GET", url: base, accessToken: nil, at: now)
        _ = try? DPoPProof(
          verifying: proof, method: "GET", url: text, accessToken: nil, at: now)
      case 5:
        guard let keys = try? JWKSet([]) else { return }
        _ = try? AccessTokenClaims(
          verifying: text, keys: keys, issuer: issuer, audience: base, at: now)
        _ = try? ClientAssertion(
          verifying: text, clientID: "app", keys: keys, audiences: [issuer], at: now)
      case 6: readScopes(text)
      default: readAddress(text)
      }
    }
  }

  private static let issuer = "https://node.example"
  private static let base = "https://node.example/fhir"
  private static let now = Instant(millisecondsSinceEpoch: 1_562_262_618_000)
  /// RFC 9449 section 5.
  private static let proof = """
    eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUkl\
    DUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2\
    R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0\
    dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj\
    8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg
    """

  private static func client() throws -> RegisteredClient {
    let text = "{\"redirect_uris\":[\"https://app.example/done\",\"http://127.0.0.1/cb\"]}"
    return RegisteredClient(
      id: "app", metadata: try ClientMetadata(parsing: Array(text.utf8)), communityURI: nil,
      registered: now)
  }

  /// What is read is written to something that reads the same.
  private static func readKeys(_ bytes: [UInt8]) {
    if let key = try? JSONWebKey(parsing: bytes), let set = try? JWKSet([key]) {
      precondition((try? JWKSet(parsing: set.serialized)) == set)
    }
    guard let set = try? JWKSet(parsing: bytes) else { return }
    precondition((try? JWKSet(parsing: set.serialized)) == set)
  }

  private static func readMetadata(_ bytes: [UInt8]) {
    guard let metadata = try? ClientMetadata(parsing: bytes) else { return }
    precondition((try? ClientMetadata(parsing: metadata.serialized)) == metadata)
    for address in metadata.redirectURIs { precondition(address.matches(address.text)) }
  }

  /// Nobody is sent anywhere but to a registered address.
  private static func readRequest(_ bytes: [UInt8], _ client: RegisteredClient) {
    guard let form = try? FormParameters(parsing: bytes) else { return }
    _ = try? AuthorizationEntry(form)
    let target: AuthorizationTarget?
    do {
      target = try AuthorizationRequest(form, client: client, audiences: [base]).target
    } catch { target = error.target }
    guard let target else { return }
    precondition(client.metadata.redirectURIs.contains { $0.matches(target.redirectURI) })
    let address = target.location(error: OAuthError(.accessDenied, "no"), issuer: issuer)
    precondition(address.utf8.allSatisfy { (0x21...0x7E).contains($0) })
  }

  private static func readTokenRequest(_ bytes: [UInt8]) {
    guard let form = try? FormParameters(parsing: bytes) else { return }
    _ = try? TokenEndpointRequest(form, hasAuthorizationHeader: false)
    _ = try? PresentedToken(form)
  }

  private static func readScopes(_ text: String) {
    guard let scopes = try? SMARTScopes(requested: text) else { return }
    precondition((try? SMARTScopes(granted: scopes.description)) == scopes)
    precondition(scopes.isCovered(by: scopes))
    precondition(scopes.phrases.count == scopes.words.count + scopes.resources.scopes.count)
    guard let same = try? scopes.narrowed(to: scopes) else { return }
    precondition(same.isCovered(by: scopes) && scopes.isCovered(by: same))
  }

  private static func readAddress(_ text: String) {
    guard let address = try? RedirectURI(text) else { return }
    precondition(address.matches(text))
    precondition(!address.matches(text + "x"))
  }
}
