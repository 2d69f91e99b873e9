import Primitives

/// One alternative of a reference parameter (R4 3.1.1.4.12).
enum ReferenceCondition: Hashable {
  /// `id`: a reference to this server, to one of these types (of any type, where there are none).
  case id(String, types: [String])
  case target(ReferenceTarget)
  /// Any other URL, and what stands behind a bar: of a canonical one, the version that it must have.
  case url(String, version: String?)

  /// - Parameter type: the type that a modifier names (`subject:Patient`).
  init(
    parsing text: EscapedText, targets: [String], type: String?
  ) throws(PeerChartError) {
    // No URL has a bar in it, so an escaped one is the one before a version as well.
    let (text, version) = CanonicalText.split(text.unescaped)
    if version == nil, Resource.isValidID(text) {
      self = .id(text, types: type.map { [$0] } ?? targets)
    } else if version == nil, let target = ReferenceTarget(parsing: text) {
      guard type == nil || type == target.type else {
        throw PeerChartError(.invalid, "the modifier names another type than the value")
      }
      self = .target(target)
    } else if type == nil, text.contains(":"), text.utf8.allSatisfy({ $0 > 0x20 }) {
      self = .url(text, version: version)
    } else {
      throw PeerChartError(.invalid, "not an id, a Type/id or a URL")
    }
  }

  func matches(_ value: ReferenceValue) -> Bool {
    switch (self, value.literal) {
    case (.id(let id, let types), .target(let target)):
      target.base == nil && target.id.isIdentical(to: id)
        && (types.isEmpty || types.contains(target.type))
    case (.target(let wanted), .target(let target)):
      wanted.unversioned.isIdentical(to: target.unversioned)
        && (wanted.version == nil || wanted.version == target.version)
    case (.target(let wanted), .canonical(let url, _)):
      wanted.version == nil && wanted.unversioned.isIdentical(to: url)
    case (.target(let wanted), .other(let url)):
      wanted.version == nil && wanted.unversioned.isIdentical(to: url)
    case (.url(let wanted, let version), .canonical(let url, let own)):
      wanted.isIdentical(to: url) && (version == nil || version == own)
    case (.url(let wanted, let version), .other(let url)):
      (wanted + (version.map { "|" + $0 } ?? "")).isIdentical(to: url)
    default: false
    }
  }
}
