/// The bounds of one event. What comes from outside is refused at the door when it is longer.
public enum AuditLimits {
  /// Bytes of an encoded event.
  public static let eventBytes = 64 << 10
  /// Bytes of a code: purpose, role, reason, legal basis, name of a count or detail.
  public static let code = 64
  /// Bytes of an identifier, reference, name, address or user agent.
  public static let name = 256
  /// Bytes of an emergency's text or the value of a detail.
  public static let text = 2_000
  /// Records listed one by one.
  public static let entities = 100
  /// Grants, reasons, counts and details of one event, each.
  public static let items = 32
  /// The largest count: what every JSON reader takes for the same number (RFC 8785).
  public static let count = (1 << 53) - 1
}
