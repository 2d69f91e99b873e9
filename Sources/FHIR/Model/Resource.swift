public import Primitives

/// One FHIR R4 resource over the bytes in which it came.
public struct Resource: Sendable {
  /// The resource type, one of `ResourceType.names`.
  public let type: String
  /// The logical id, if the resource has one.
  public let id: String?
  /// The object of the resource.
  public let root: JSONValue

  /// Parses a text that holds one resource.
  ///
  /// - Throws: what `JSONDocument` throws, and `invalid` where the root is no object, its
  ///   `resourceType` is not of R4, `id` breaks the syntax of an id or `meta` is no object.
  public init(
    parsing bytes: [UInt8], limits: JSONLimits = .init()
  ) throws(PeerChartError) {
    try self.init(JSONDocument(parsing: bytes, limits: limits).root)
  }

  /// Of a resource that was parsed before, and has not changed since, the members of these numbers: no others
  /// are found in it, and `id` is nil unless it is one of them.
  ///
  /// - Throws: `malformed` where the text cannot be such a resource.
  init(picking numbers: NumberSet, of text: PickedText) throws(PeerChartError) {
    let root = try JSONDocument(picking: numbers, of: text).root
    guard let type = root["resourceType"]?.string else {
      throw PeerChartError(.malformed, "resourceType is missing")
    }
    self.type = type
    id = root["id"]?.string
    self.root = root
  }

  /// A resource inside a document, such as an entry of a Bundle; shares the document.
  ///
  /// - Throws: `invalid`, as above.
  public init(_ value: JSONValue) throws(PeerChartError) {
    guard value.kind == .object else {
      throw PeerChartError(.invalid, "a resource must be a JSON object", place: value.pointer)
    }
    guard let typeValue = value["resourceType"] else {
      throw PeerChartError(.invalid, "resourceType is missing", place: value.pointer)
    }
    guard let type = typeValue.string, ResourceType.isKnown(type) else {
      throw PeerChartError(
        .invalid, "resourceType is not a resource type of FHIR R4", place: typeValue.pointer)
    }
    let idValue = value["id"]
    let id = idValue?.string
    if let idValue, !(id.map(Self.isValidID) ?? false) {
      throw PeerChartError(
        .invalid, "an id is 1 to 64 letters, digits, hyphens and dots", place: idValue.pointer)
    }
    if let meta = value["meta"], meta.kind != .object {
      throw PeerChartError(.invalid, "meta must be an object", place: meta.pointer)
    }
    self.type = type
    self.id = id
    root = value
  }

  /// The bytes of the resource as they came, without white space around it.
  public var bytes: [UInt8] {
    let all = root.storage.bytes
    return root.range == all.indices ? all : Array(root.raw)
  }

  /// Whether a text has the form `[A-Za-z0-9\-\.]{1,64}` of FHIR's `id`.
  public static func isValidID(_ text: some StringProtocol) -> Bool {
    // Not generic inside, because every request and every reference comes this way.
    var text = String(text)
    return text.withUTF8 { isValidID($0[...]) }
  }
}
