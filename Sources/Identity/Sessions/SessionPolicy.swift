/// How long a session is good (45 CFR 164.312(a)(2)(iii), automatic logoff).
public struct SessionPolicy: Sendable {
  /// Seconds without a request after which it ends.
  public var idle: Int64 = 15 * 60
  /// Seconds after which it ends whatever happens.
  public var absolute: Int64 = 12 * 3600
  /// Seconds before the end of an idle session at which a page warns.
  public var warning: Int64 = 2 * 60
  /// Seconds between two notes of when it was last used.
  public var noteInterval: Int64 = 30
  /// Seconds for which having signed in, or shown a factor again, is good for what asks for it.
  public var stepUp: Int64 = 5 * 60
  /// Seconds within which somebody who has given the password gives the second factor.
  public var secondFactor: Int64 = 5 * 60

  public init() {}
}
