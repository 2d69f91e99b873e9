/// What the text of a FHIR `Reference.reference` points with (FHIR R4 2.3.0.1 and 3.1.0.11.2).
public enum ReferenceForm: Sendable, Hashable {
  /// `Patient/123` or `Patient/123/_history/4`: a resource on this server.
  case relative(type: String, id: String, version: String?)
  /// A URL with a scheme. `type` and the rest are there where its path ends like a RESTful one.
  case absolute(url: String, type: String?, id: String?, version: String?)
  /// `urn:uuid:…` or `urn:oid:…`: by convention the `fullUrl` of an entry of the same Bundle.
  case urn(String)
  /// `Practitioner?identifier=…`: the one resource that a search finds. Only in transactions.
  case conditional(type: String, query: String)
  /// `#id`: a contained resource; an empty text is the container itself.
  case fragment(String)
  /// No literal reference but an `identifier` or a `display`.
  case logical

  /// Reads the text of a reference; nil when its syntax is none of the above.
  public init?(_ text: String) {
    let bytes = text.utf8
    guard !bytes.isEmpty, bytes.count <= 4096, bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      return nil
    }
    if text.hasPrefix("#") {
      self = .fragment(String(text.dropFirst()))
    } else if Self.isURN(text) {
      self = .urn(text)
    } else if let scheme = Self.scheme(of: text) {
      let path = text.dropFirst(scheme.count + 1).prefix { $0 != "?" && $0 != "#" }
      let found = Self.restful(path, exactly: false)
      self = .absolute(url: text, type: found?.type, id: found?.id, version: found?.version)
    } else if let mark = text.firstIndex(of: "?") {
      let type = text[..<mark]
      let query = text[text.index(after: mark)...]
      guard ResourceType.isKnown(type), query.contains("=") else { return nil }
      self = .conditional(type: String(type), query: String(query))
    } else if let found = Self.restful(text[...], exactly: true) {
      self = .relative(type: found.type, id: found.id, version: found.version)
    } else {
      return nil
    }
  }

  /// Reads a `Reference` element; nil when it has nothing that refers or its reference is faulty.
  public init?(element: JSONValue) {
    if let reference = element["reference"] {
      guard let text = reference.string else { return nil }
      self.init(text)
    } else if element["identifier"] != nil || element["display"] != nil {
      self = .logical
    } else {
      return nil
    }
  }

  static func isURN(_ text: String) -> Bool {
    text.hasPrefix("urn:uuid:") || text.hasPrefix("urn:oid:")
  }

  /// RFC 3986 section 3.1, without the colon.
  private static func scheme(of text: String) -> Substring? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let scheme = text[..<colon]
    guard let first = scheme.utf8.first, (0x41...0x5A).contains(first & 0xDF),
      scheme.utf8.allSatisfy({ byte in
        switch byte {
        case 0x2B, 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
      })
    else { return nil }
    return scheme
  }

  /// `[base/]Type/id[/_history/version]`
  private static func restful(
    _ path: Substring, exactly: Bool
  ) -> (type: String, id: String, version: String?)? {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)
    var version: String?
    if parts.count >= 4, parts[parts.count - 2] == "_history" {
      guard Resource.isValidID(parts[parts.count - 1]) else { return nil }
      version = String(parts[parts.count - 1])
      parts.removeLast(2)
    }
    guard exactly ? parts.count == 2 : parts.count > 2, let id = parts.popLast(),
      let type = parts.popLast(), ResourceType.isKnown(type), Resource.isValidID(id)
    else { return nil }
    return (String(type), String(id), version)
  }
}
