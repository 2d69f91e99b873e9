/// What comes to the authorization endpoint, before it is known whether the client is one: the client's
/// name, and either a request or the reference to one that was pushed (RFC 9126 section 4).
public struct AuthorizationEntry: Sendable {
  /// How the request is given.
  public enum Form: Sendable {
    /// In the parameters.
    case direct(FormParameters)
    /// By reference to what the client has pushed. Everything else in the request is ignored.
    case pushed(OpaqueSecret)
  }

  /// The client's name, unproved.
  public let clientID: String
  /// How the request is given.
  public let form: Form

  /// - Throws: an error that must not be redirected.
  public init(_ parameters: FormParameters) throws(OAuthError) {
    clientID = try parameters.required("client_id", limit: RegisteredClient.maximumIDLength)
    guard let reference = parameters["request_uri"] else {
      form = .direct(parameters)
      return
    }
    guard let secret = OpaqueSecret(.pushedRequest, parsing: reference) else {
      throw OAuthError(.invalidRequestURI, "request_uri is none that was issued here")
    }
    form = .pushed(secret)
  }

  /// Checks a request that was pushed under the reference: it is the same client's.
  ///
  /// - Throws: an error that must not be redirected.
  public func accept(_ pushed: AuthorizationRequest) throws(OAuthError) {
    guard case .pushed = form, pushed.clientID.isIdentical(to: clientID) else {
      throw OAuthError(.invalidRequestURI, "request_uri is none that was issued here")
    }
  }
}
