/// A value that must not be printed: a secret or health information.
///
/// Whatever formats, mirrors or logs it gets `<redacted>`; reading it takes the word `exposed`.
public struct Redacted<Value>: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  public let exposed: Value
  public init(_ value: Value) { exposed = value }
  public var description: String { "<redacted>" }
  public var debugDescription: String { "<redacted>" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Redacted: Sendable where Value: Sendable {}
extension Redacted: Equatable where Value: Equatable {}
extension Redacted: Hashable where Value: Hashable {}
