/// How long things are good, in seconds. Here, because each of these numbers is a decision.
public enum TokenLifetime {
  /// Access and id tokens. Revocation does not wait for it: the grant is looked at with each request.
  public static let access: Int64 = 300
  /// The longest-lived thing that the node signs.
  static let longestSigned = access
  /// An authorization code (RFC 6749 section 4.1.2 allows ten minutes; nobody needs more than one).
  public static let authorizationCode: Int64 = 60
  /// A pushed request (RFC 9126 section 2.2): the time to sign in and to decide.
  public static let pushedRequest: Int64 = 600
  /// A refresh token that is not used.
  public static let refreshIdle: Int64 = 30 * 86_400
  /// A family of refresh tokens, however much it is used.
  public static let refreshAbsolute: Int64 = 180 * 86_400
  /// The longest life of a client's assertion (SMART App Launch 2.2, asymmetric authentication).
  public static let assertion: Int64 = 300
  /// How old a DPoP proof may be (RFC 9449 section 11.1).
  public static let proof: Int64 = 60
  /// By how much clocks may differ.
  public static let clockSkew: Int64 = 60
}
