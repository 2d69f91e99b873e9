/// A reference in a resource: by address, by identifier, or both.
struct ReferenceValue: Hashable {
  enum Literal: Hashable {
    case target(ReferenceTarget)
    /// The URL of a definition, and its version behind a bar.
    case canonical(String, version: String?)
    /// `urn:uuid:…` and other URLs that do not end in a type and id.
    case other(String)
  }

  var literal: Literal?
  /// `Reference.identifier`.
  var identifier: TokenValue?

  /// Reads a Reference, a canonical, a uri or a resource that stands there itself. Nil where nothing
  /// can be searched for: contained resources are not found by themselves.
  init?(_ value: JSONValue, _ path: SearchPath) {
    switch path.type {
    case .reference:
      (literal, identifier) = (Self.literal(value), Self.identifier(value))
      guard literal != nil || identifier != nil else { return nil }
      if let wanted = path.target {
        let type =
          if case .target(let target) = literal { target.type } else { value["type"]?.string }
        guard type == wanted else { return nil }
      }
    case .resource:
      guard let type = value["resourceType"]?.string, let id = value["id"]?.string,
        Resource.isValidID(id)
      else { return nil }
      literal = .target(ReferenceTarget(type: type, id: id))
    case .canonical:
      guard let url = value.string, !url.isEmpty, url.utf8.first != 0x23 else { return nil }
      let (plain, version) = CanonicalText.split(url)
      literal = .canonical(plain, version: version)
    default:
      guard let url = value.string, !url.isEmpty else { return nil }
      literal = .other(url)
    }
  }

  private static func literal(_ value: JSONValue) -> Literal? {
    guard let text = value["reference"]?.string, !text.isEmpty, text.utf8.first != 0x23 else {
      return nil
    }
    return ReferenceTarget(parsing: text).map(Literal.target) ?? .other(text)
  }

  private static func identifier(_ value: JSONValue) -> TokenValue? {
    guard let identifier = value["identifier"], let code = identifier["value"]?.string,
      !code.isEmpty
    else { return nil }
    let system = identifier["system"]?.string
    return TokenValue(system: system == "" ? nil : system, code: TokenValue.folded(code))
  }

  /// The resource on this server that the reference points to.
  var localTarget: ReferenceTarget? {
    guard case .target(let target) = literal, target.base == nil else { return nil }
    return target
  }
}

/// A canonical URL with a version behind a bar.
enum CanonicalText {
  static func split(_ text: String) -> (url: String, version: String?) {
    guard let bar = text.utf8.lastIndex(of: 0x7C) else { return (text, nil) }
    return (String(text[..<bar]), String(text[text.index(after: bar)...]))
  }
}
