/// An e-mail address that can stand in a command and a header as it is: nothing in it can end a line, quote,
/// comment or name a second address (RFC 5321 section 4.1.2 without quoted local parts and address literals).
public struct MailAddress: Hashable, Sendable {
  /// The longest path of RFC 5321 section 4.5.3.1.3 without its brackets (bytes).
  public static let longest = 254
  /// The part before the `@`, as it was written: its case may matter.
  public let local: String
  /// The part behind it, in lower case.
  public let domain: String

  /// Reads an address without spaces around it; returns nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count <= Self.longest else { return nil }
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isLocal(parts[0]),
      case .dns(let domain) = HostName(String(decoding: parts[1], as: UTF8.self)),
      domain.utf8.contains(UInt8(ascii: ".")) || domain == "localhost"
    else { return nil }
    local = String(decoding: parts[0], as: UTF8.self)
    self.domain = domain
  }

  /// Words of `atext` with single dots between them, 64 bytes at most.
  private static func isLocal(_ text: some Collection<UInt8>) -> Bool {
    let words = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return (1...64).contains(text.count)
      && words.allSatisfy { !$0.isEmpty && $0.allSatisfy(isWordByte) }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
  }
}

extension MailAddress: CustomStringConvertible {
  public var description: String { "\(local)@\(domain)" }
}
