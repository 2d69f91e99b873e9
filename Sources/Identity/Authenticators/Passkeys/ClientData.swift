import Crypto
import Primitives

/// What the browser says about the ceremony, and the authenticator signs (WebAuthn section 5.8.1).
struct ClientData {
  enum Ceremony: String {
    case create = "webauthn.create"
    case get = "webauthn.get"
  }

  /// What is signed in its place.
  let hash: [UInt8]

  /// Reads client data and checks all that it says (WebAuthn sections 7.1 and 7.2).
  ///
  /// - Throws: `malformed`, `tooLarge`, or `unauthenticated` for another ceremony, challenge, origin,
  ///   or a page inside somebody else's: our pages are never framed.
  init(
    _ bytes: [UInt8], ceremony: Ceremony, challenge: PasskeyChallenge, relyingParty: RelyingParty
  ) throws(PeerChartError) {
    let form = try PasskeyJSON.decode(Form.self, from: bytes, place: "clientDataJSON")
    func require(_ condition: Bool, _ reason: String) throws(PeerChartError) {
      guard condition else {
        throw PeerChartError(.unauthenticated, reason, place: "clientDataJSON")
      }
    }
    try require(form.type == ceremony.rawValue, "the answer is to another kind of question")
    let answered = Base64URL.decode(form.challenge) ?? []
    try require(
      constantTimeEqual(answered, challenge.bytes), "the answer is to another challenge")
    try require(
      relyingParty.origins.contains(form.origin), "the answer comes from another origin")
    try require(
      form.crossOrigin != true && form.topOrigin == nil, "the answer comes from a framed page")
    // We never bind tokens to a connection, so a browser that did spoke to somebody else.
    try require(form.tokenBinding?.status != "present", "the answer is bound to another connection")
    hash = Array(SHA256.hash(data: bytes))
  }

  private struct Form: Decodable {
    let type: String
    let challenge: String
    let origin: String
    let crossOrigin: Bool?
    let topOrigin: String?
    let tokenBinding: TokenBinding?
  }

  private struct TokenBinding: Decodable { let status: String }
}
