/// Why somebody broke the glass (45 CFR 164.312(a)(2)(ii), 42 CFR 2.51).
public struct AuditEmergency: Hashable, Sendable {
  /// The coded reason.
  public var code: String
  /// The reason in the person's own words.
  public var text: String

  public init(code: String, text: String) {
    self.code = code
    self.text = text
  }
}
