import Primitives

/// An error as the OAuth standards name them: what a client reads, in a redirect or in JSON. The
/// description never holds a secret or what the client sent.
public struct OAuthError: Error, Sendable, Hashable {
  /// The codes and the documents that define them.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    // RFC 6749 sections 4.1.2.1 and 5.2
    case invalidRequest = "invalid_request"
    case unauthorizedClient = "unauthorized_client"
    case accessDenied = "access_denied"
    case unsupportedResponseType = "unsupported_response_type"
    case invalidScope = "invalid_scope"
    case serverError = "server_error"
    case temporarilyUnavailable = "temporarily_unavailable"
    case invalidClient = "invalid_client"
    case invalidGrant = "invalid_grant"
    case unsupportedGrantType = "unsupported_grant_type"
    // RFC 6750 section 3.1
    case invalidToken = "invalid_token"
    case insufficientScope = "insufficient_scope"
    // RFC 7591 section 3.2.2
    case invalidRedirectURI = "invalid_redirect_uri"
    case invalidClientMetadata = "invalid_client_metadata"
    case invalidSoftwareStatement = "invalid_software_statement"
    case unapprovedSoftwareStatement = "unapproved_software_statement"
    // RFC 7009 section 2.2.1, RFC 8707 section 2
    case unsupportedTokenType = "unsupported_token_type"
    case invalidTarget = "invalid_target"
    // RFC 9449 sections 5 and 8
    case invalidDPoPProof = "invalid_dpop_proof"
    case useDPoPNonce = "use_dpop_nonce"
    // OpenID Connect Core section 3.1.2.6
    case loginRequired = "login_required"
    case consentRequired = "consent_required"
    case interactionRequired = "interaction_required"
    case requestNotSupported = "request_not_supported"
    case requestURINotSupported = "request_uri_not_supported"
    case invalidRequestURI = "invalid_request_uri"
    // RFC 9470 section 3
    case insufficientUserAuthentication = "insufficient_user_authentication"
  }

  /// The standard's code.
  public let code: Code
  /// For the app's developer: printable ASCII without quotes and `\` (RFC 6749 section 5.2).
  public let description: String
  /// Where the error may be sent. Nil where client or address are not known to be right: then it is
  /// shown to the user, and nobody is sent anywhere (RFC 6749 section 4.1.2.1).
  public let target: AuthorizationTarget?

  public init(_ code: Code, _ description: String, target: AuthorizationTarget? = nil) {
    self.code = code
    let allowed = description.unicodeScalars.filter {
      (0x20...0x7E).contains($0.value) && $0 != "\"" && $0 != "\\"
    }
    self.description = String(String.UnicodeScalarView(allowed))
    self.target = target
  }

  /// The same error, to be sent to `target`.
  public func redirected(to target: AuthorizationTarget) -> OAuthError {
    OAuthError(code, description, target: target)
  }

  /// The status of an answer that is no redirect.
  public var status: Int {
    switch code {
    case .invalidClient, .invalidToken, .insufficientUserAuthentication: 401
    case .insufficientScope, .accessDenied, .unapprovedSoftwareStatement: 403
    case .serverError: 500
    case .temporarilyUnavailable: 503
    default: 400
    }
  }

  /// The status at a protected resource, where a proof that is no good means that nobody was recognised
  /// (RFC 9449 section 7.1).
  public var resourceStatus: Int {
    switch code {
    case .invalidDPoPProof, .useDPoPNonce: 401
    default: status
    }
  }

  /// The body of an answer that is no redirect (RFC 6749 section 5.2).
  public var body: [UInt8] {
    OAuthJSON.object([
      "error": .string(code.rawValue), "error_description": .string(description),
    ]).bytes
  }

  /// The value of `WWW-Authenticate` at a protected resource (RFC 6750 section 3, RFC 9449
  /// section 7.1).
  ///
  /// - Parameter dpop: whether the request came with a proof, or must.
  public func challenge(dpop: Bool) -> String {
    (dpop ? "\(Self.proofChallenge), " : "Bearer ")
      + "error=\"\(code.rawValue)\", error_description=\"\(description)\""
  }

  /// The value of `WWW-Authenticate` that says how proofs may be signed, and nothing of an error.
  public static var proofChallenge: String {
    let algorithms = SignatureAlgorithm.names(SignatureAlgorithm.proofs).joined(separator: " ")
    return "DPoP algs=\"\(algorithms)\""
  }
}

extension OAuthError {
  /// An error of a parser, under the code that its place of use has.
  init(_ code: Code, _ error: PeerChartError) {
    self.init(code, error.place.map { "\(error.reason) (at \($0))" } ?? error.reason)
  }

  /// Runs `body` and turns what it throws into this code.
  static func wrapping<Value>(
    _ code: Code, _ body: () throws -> Value
  ) throws(OAuthError) -> Value {
    do { return try body() } catch let error as OAuthError { throw error } catch let error
      as PeerChartError
    { throw OAuthError(code, error) } catch { throw OAuthError(code, "the input cannot be read") }
  }
}
