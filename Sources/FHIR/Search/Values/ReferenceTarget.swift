/// What a literal reference points to (R4 2.3.0.1): a resource type and id, on this server or on
/// another.
public struct ReferenceTarget: Hashable, Sendable {
  public let type: String
  public let id: String
  /// What stands before the type in an absolute reference, with its slash (`https://a.org/fhir/`);
  /// nil for a relative reference.
  public let base: String?
  /// The version of a version-specific reference.
  public let version: String?

  /// Reads `Type/id`, `Type/id/_history/version` and absolute URLs that end so. Returns nil for what
  /// has no type and id: `#contained`, `urn:uuid:…`, a conditional reference.
  public init?(parsing reference: String) {
    var reference = reference
    guard let target = reference.withUTF8({ Self.init(reading: $0) }) else { return nil }
    self = target
  }

  private init?(reading bytes: UnsafeBufferPointer<UInt8>) {
    func text(_ range: Range<Int>) -> String {
      String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }
    guard let address = RestfulAddress(bytes, within: bytes.indices),
      Self.isTypeName(bytes[address.type])
    else { return nil }
    if address.base.isEmpty {
      base = nil
    } else {
      let start = bytes[address.base]
      guard start.starts(with: "http://".utf8) || start.starts(with: "https://".utf8) else {
        return nil
      }
      base = text(address.base)
    }
    type = text(address.type)
    id = text(address.id)
    version = address.version.map(text)
  }

  public init(type: String, id: String) {
    self.type = type
    self.id = id
    base = nil
    version = nil
  }

  /// The reference without its version.
  public var unversioned: String { (base ?? "") + type + "/" + id }

  private static func isTypeName(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let first = text.first, (0x41...0x5A).contains(first) else { return false }
    return text.count <= 64
      && text.allSatisfy { ($0 & 0xDF) >= 0x41 && ($0 & 0xDF) <= 0x5A }
  }
}
