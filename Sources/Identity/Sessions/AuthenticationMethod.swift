/// How somebody showed who they are (Authentication Method Reference values, RFC 8176).
public enum AuthenticationMethod: String, CaseIterable, Codable, Hashable, Sendable {
  /// Something known: a password.
  case password = "pwd"
  /// A one-time code, of an authenticator app or of the recovery codes.
  case oneTimeCode = "otp"
  /// A key that cannot leave its device, used by somebody whom the device has verified: a passkey. That is
  /// two factors in one.
  case passkey = "hwk"
  /// A certificate on a smart card, opened by its PIN.
  case smartCard = "sc"
}

/// How, and when, the person behind a session last showed who they are.
public struct Authentication: Hashable, Codable, Sendable {
  public var methods: Set<AuthenticationMethod>
  /// Milliseconds since 1970.
  public var at: Int64

  public init(methods: Set<AuthenticationMethod>, at: Int64) {
    self.methods = methods
    self.at = at
  }

  /// Whether there were two factors (NIST SP 800-63B AAL2).
  public var isMultiFactor: Bool {
    !methods.isDisjoint(with: [.passkey, .smartCard]) || methods.count > 1
  }

  /// The values of the `amr` claim, `mfa` among them where it holds.
  public var references: [String] {
    methods.map(\.rawValue).sorted() + (isMultiFactor ? ["mfa"] : [])
  }
}
