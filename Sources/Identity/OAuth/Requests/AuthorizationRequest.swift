public import Primitives

/// An authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1, SMART App
/// Launch 2.2) whose form is right and whose client may ask it. Nobody has agreed to anything yet.
public struct AuthorizationRequest: Sendable, Hashable, Codable {
  /// What the client wants of the sign-in page (`prompt`).
  public enum Prompt: String, Sendable, Hashable, Codable {
    /// Show nothing: answer from what is known, or with an error.
    case none
    /// Have the user sign in again.
    case login
    /// Ask for consent again.
    case consent
    /// Let the user choose an account.
    case selectAccount = "select_account"
  }

  /// The client.
  public let clientID: String
  /// Where the answer goes.
  public let target: AuthorizationTarget
  /// What is asked for, already within what the client is registered for.
  public let scope: SMARTScopes
  /// What the one who redeems the code must know.
  public let codeChallenge: CodeChallenge
  /// The FHIR API that the token is for (`aud`).
  public let audience: String
  /// The digest of the launch token of an EHR launch.
  public let launch: [UInt8]?
  /// To be repeated in the id token.
  public let nonce: String?
  /// What the client wants of the sign-in page.
  public let prompts: Set<Prompt>
  /// How many seconds ago the user may have signed in at most (`max_age`).
  public let maximumAge: Int64?
  /// The key that must be proved when the code is redeemed (RFC 9449 section 10).
  public private(set) var proofKey: String?

  /// The request, for the key of the proof that came with it when it was pushed (RFC 9449 section 10.1).
  ///
  /// - Throws: `invalid_dpop_proof` where the request names another key.
  public func bound(to proof: DPoPProof?) throws(OAuthError) -> AuthorizationRequest {
    guard let proof else { return self }
    guard proofKey.map({ $0 == proof.thumbprint }) ?? true else {
      throw OAuthError(.invalidDPoPProof, "dpop_jkt is not the key of the proof")
    }
    var request = self
    request.proofKey = proof.thumbprint
    return request
  }

  /// Reads a request.
  ///
  /// - Parameters:
  ///   - client: the registration of the client that the request names.
  ///   - audiences: the addresses of the FHIR API that tokens are issued for.
  /// - Throws: an error with a target once client and address are known to be right, before without.
  public init(
    _ parameters: FormParameters, client: RegisteredClient, audiences: [String]
  ) throws(OAuthError) {
    guard let named = parameters["client_id"], named.isIdentical(to: client.id) else {
      throw OAuthError(.invalidRequest, "client_id is not that of the client")
    }
    let target = try Self.target(parameters, client)
    do {
      try self.init(parameters, client: client, audiences: audiences, target: target)
    } catch { throw error.redirected(to: target) }
  }

  private init(
    _ parameters: FormParameters, client: RegisteredClient, audiences: [String],
    target: AuthorizationTarget
  ) throws(OAuthError) {
    clientID = client.id
    self.target = target
    try Self.requireForm(parameters, client)
    codeChallenge = try CodeChallenge(
      challenge: parameters["code_challenge"], method: parameters["code_challenge_method"])
    audience = try Self.audience(parameters, audiences)
    scope = try Self.scope(parameters, client)
    launch = try Self.launch(parameters, scope)
    nonce = try parameters.value("nonce", limit: 255)
    prompts = try Self.prompts(parameters)
    maximumAge = try Self.maximumAge(parameters)
    proofKey = try parameters.value("dpop_jkt", limit: 64)
    guard proofKey.map(TokenBinding.isThumbprint) ?? true else {
      throw OAuthError(.invalidRequest, "dpop_jkt is not the thumbprint of a key")
    }
  }

  /// - Throws: errors that must not be redirected: the address is not known to be the client's.
  private static func target(
    _ parameters: FormParameters, _ client: RegisteredClient
  ) throws(OAuthError) -> AuthorizationTarget {
    let address = try parameters.required("redirect_uri", limit: RedirectURI.maximumLength)
    guard client.metadata.redirectURIs.contains(where: { $0.matches(address) }) else {
      throw OAuthError(.invalidRequest, "redirect_uri is none that the client registered")
    }
    let state = try parameters.required("state", limit: 1024)
    guard state.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw OAuthError(.invalidRequest, "state is not printable ASCII")
    }
    return AuthorizationTarget(redirectURI: address, state: state)
  }

  private static func requireForm(
    _ parameters: FormParameters, _ client: RegisteredClient
  ) throws(OAuthError) {
    guard client.metadata.grants.contains(.authorizationCode) else {
      throw OAuthError(.unauthorizedClient, "the client is not registered for this flow")
    }
    guard parameters["request"] == nil else {
      throw OAuthError(.requestNotSupported, "request objects are not offered: push the request")
    }
    guard parameters["request_uri"] == nil else {
      throw OAuthError(.requestURINotSupported, "request_uri does not go with a request")
    }
    guard let type = parameters["response_type"] else {
      throw OAuthError(.invalidRequest, "response_type is missing")
    }
    guard type == "code" else {
      throw OAuthError(.unsupportedResponseType, "response_type must be code")
    }
    guard parameters["response_mode"] ?? "query" == "query" else {
      throw OAuthError(.invalidRequest, "response_mode must be query")
    }
  }

  /// `aud` of SMART, or `resource` (RFC 8707), or both if they agree; a slash at the end is no
  /// difference.
  private static func audience(
    _ parameters: FormParameters, _ audiences: [String]
  ) throws(OAuthError) -> String {
    let given = [parameters["aud"], parameters["resource"]].compactMap { $0 }
    guard let first = given.first else {
      throw OAuthError(.invalidRequest, "aud is missing: the address of the FHIR API")
    }
    func bare(_ address: String) -> Substring {
      address.hasSuffix("/") ? address.dropLast() : address[...]
    }
    guard given.allSatisfy({ bare($0).utf8.elementsEqual(bare(first).utf8) }),
      let audience = audiences.first(where: { bare($0).utf8.elementsEqual(bare(first).utf8) })
    else {
      throw OAuthError(.invalidTarget, "aud is not the address of a FHIR API of this server")
    }
    return audience
  }

  /// What is asked for, within the registration; for a user or a patient, never for a program alone.
  private static func scope(
    _ parameters: FormParameters, _ client: RegisteredClient
  ) throws(OAuthError) -> SMARTScopes {
    let text = try parameters.required("scope", limit: SMARTScopes.maximumLength)
    let asked = try OAuthError.wrapping(.invalidScope) {
      try client.allowed(SMARTScopes(requested: text)).restricted(to: [.patient, .user])
    }
    guard !asked.isEmpty else {
      throw OAuthError(.invalidScope, "none of the scopes can be granted to this client")
    }
    return asked
  }

  private static func launch(
    _ parameters: FormParameters, _ scope: SMARTScopes
  ) throws(OAuthError) -> [UInt8]? {
    guard let text = parameters["launch"] else {
      guard !scope.contains(.launch) else {
        throw OAuthError(.invalidRequest, "the scope launch goes with the parameter launch")
      }
      return nil
    }
    guard scope.contains(.launch), let launch = OpaqueSecret(.launch, parsing: text) else {
      throw OAuthError(.invalidRequest, "launch is none that was issued here")
    }
    return launch.digest
  }

  private static func prompts(_ parameters: FormParameters) throws(OAuthError) -> Set<Prompt> {
    var prompts: Set<Prompt> = []
    for word in try parameters.value("prompt", limit: 128)?.split(separator: " ") ?? [] {
      guard let prompt = Prompt(rawValue: String(word)) else {
        throw OAuthError(.invalidRequest, "prompt is unknown")
      }
      prompts.insert(prompt)
    }
    guard !prompts.contains(.none) || prompts.count == 1 else {
      throw OAuthError(.invalidRequest, "prompt none goes with no other")
    }
    return prompts
  }

  private static func maximumAge(_ parameters: FormParameters) throws(OAuthError) -> Int64? {
    guard let text = try parameters.value("max_age", limit: 10) else { return nil }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let age = Int64(text) else {
      throw OAuthError(.invalidRequest, "max_age is not a number of seconds")
    }
    return age
  }

  /// Whether the user must sign in again before this is answered (`prompt=login`, `max_age`).
  public func needsSignIn(since authentication: Instant, at now: Instant) -> Bool {
    prompts.contains(.login)
      || maximumAge.map { authentication.adding(seconds: $0) < now } ?? false
  }
}

extension SMARTScopes {
  /// Without scopes on other behalves.
  func restricted(to contexts: Set<Scope.Context>) throws -> SMARTScopes {
    let kept = resources.scopes.filter { contexts.contains($0.context) }
    return SMARTScopes(
      words: Set(words), resources: kept.isEmpty ? .none : try ScopeSet(kept))
  }
}
