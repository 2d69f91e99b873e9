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

  /// The longest text of a reference, in bytes.
  private static let longest = 4096

  /// Reads the text of a reference; nil when its syntax is none of the above.
  public init?(_ text: String) {
    var copy = text
    guard let form = copy.withUTF8({ Self.read($0, text) }) else { return nil }
    self = form
  }

  private static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, _ text: String
  ) -> ReferenceForm? {
    guard let first = bytes.first, bytes.count <= longest else { return nil }
    var colon: Int?
    var mark: Int?
    for (index, byte) in bytes.enumerated() {
      guard byte > 0x20, byte != 0x7F else { return nil }
      if byte == 0x3A, colon == nil { colon = index }
      if byte == 0x3F, mark == nil { mark = index }
    }
    if first == 0x23 { return .fragment(string(bytes[1...])) }
    if isURN(text) { return .urn(text) }
    if let colon, isScheme(bytes[..<colon]) { return absolute(bytes, text, behind: colon + 1) }
    if let mark {
      let type = string(bytes[..<mark])
      guard ResourceType.isKnown(type), bytes[(mark + 1)...].contains(0x3D) else { return nil }
      return .conditional(type: type, query: string(bytes[(mark + 1)...]))
    }
    guard let address = RestfulAddress(bytes, within: bytes.indices), address.base.isEmpty else {
      return nil
    }
    let type = string(bytes[address.type])
    guard ResourceType.isKnown(type) else { return nil }
    return .relative(
      type: type, id: string(bytes[address.id]),
      version: address.version.map { string(bytes[$0]) })
  }

  private static func absolute(
    _ bytes: UnsafeBufferPointer<UInt8>, _ text: String, behind scheme: Int
  ) -> ReferenceForm {
    let end = bytes[scheme...].firstIndex { $0 == 0x3F || $0 == 0x23 } ?? bytes.endIndex
    guard let address = RestfulAddress(bytes, within: scheme..<end), !address.base.isEmpty else {
      return .absolute(url: text, type: nil, id: nil, version: nil)
    }
    let type = string(bytes[address.type])
    guard ResourceType.isKnown(type) else {
      return .absolute(url: text, type: nil, id: nil, version: nil)
    }
    return .absolute(
      url: text, type: type, id: string(bytes[address.id]),
      version: address.version.map { string(bytes[$0]) })
  }

  private static func string(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes), as: UTF8.self)
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
    text.utf8.starts(with: "urn:uuid:".utf8) || text.utf8.starts(with: "urn:oid:".utf8)
  }

  /// RFC 3986 section 3.1, without the colon.
  private static func isScheme(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let first = bytes.first, (0x41...0x5A).contains(first & 0xDF) else { return false }
    return bytes.allSatisfy { byte in
      switch byte {
      case 0x2B, 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: false
      }
    }
  }
}
