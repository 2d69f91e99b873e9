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
    var parts = reference.split(separator: "/", omittingEmptySubsequences: false)
    var version: String?
    if parts.count >= 4, parts[parts.count - 2] == "_history" {
      guard let last = parts.popLast(), Resource.isValidID(last) else { return nil }
      version = String(last)
      parts.removeLast()
    }
    guard parts.count >= 2, let id = parts.popLast(), let type = parts.popLast(),
      Resource.isValidID(id), Self.isTypeName(type)
    else { return nil }
    if !parts.isEmpty {
      let base = parts.joined(separator: "/") + "/"
      guard base.hasPrefix("http://") || base.hasPrefix("https://") else { return nil }
      self.base = base
    } else {
      base = nil
    }
    self.type = String(type)
    self.id = String(id)
    self.version = version
  }

  public init(type: String, id: String) {
    self.type = type
    self.id = id
    base = nil
    version = nil
  }

  /// The reference without its version.
  public var unversioned: String { (base ?? "") + type + "/" + id }

  private static func isTypeName(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, (0x41...0x5A).contains(first) else { return false }
    return text.utf8.count <= 64
      && text.utf8.allSatisfy { ($0 & 0xDF) >= 0x41 && ($0 & 0xDF) <= 0x5A }
  }
}
