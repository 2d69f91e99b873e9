/// An element of a resource: the place of its JSON, of a primitive's companion (`_birthDate`), and its
/// type. Nothing is copied out of the text.
public struct FHIRPathElement: Sendable {
  let storage: JSONDocument.Storage
  /// Tape index of the value; -1 where there is only a companion, or only a type.
  let index: Int32
  /// Tape index of the companion object; -1 where there is none.
  let companionIndex: Int32
  /// The type, as far as it is known.
  public let type: ElementType

  init(storage: JSONDocument.Storage, index: Int, companion: Int, type: ElementType) {
    self.storage = storage
    self.index = Int32(truncatingIfNeeded: index)
    companionIndex = Int32(truncatingIfNeeded: companion)
    self.type = type
  }

  /// The element that a JSON value is.
  public init(_ value: JSONValue, companion: JSONValue? = nil, type: ElementType = .unknown) {
    self.init(
      storage: value.storage, index: value.index, companion: companion?.index ?? -1, type: type)
  }

  /// A resource of which nothing is known but its type: what `resolve()` gives where only the
  /// reference's text can be looked at. Its members are empty.
  public init(unread type: ElementType, in element: FHIRPathElement) {
    self.init(storage: element.storage, index: -1, companion: -1, type: type)
  }

  /// The JSON of the element; nil where it has no value, only an id or extensions.
  public var value: JSONValue? {
    index < 0 ? nil : JSONValue(storage: storage, index: Int(index))
  }

  /// The object with the id and the extensions of a primitive.
  public var companion: JSONValue? {
    companionIndex < 0 ? nil : JSONValue(storage: storage, index: Int(companionIndex))
  }

  /// Where the element stands: `Observation.component[1].code`.
  public var pointer: String { (value ?? companion)?.pointer ?? "$" }

  /// The members of the element are found in its object, or in the companion of a primitive.
  var object: JSONNode? {
    let place = objectIndex
    return place < 0 ? nil : storage.tape[place]
  }

  var objectIndex: Int {
    if index >= 0, storage.tape[Int(index)].kind == .object { return Int(index) }
    if companionIndex >= 0, storage.tape[Int(companionIndex)].kind == .object {
      return Int(companionIndex)
    }
    return -1
  }

  /// The node of a scalar value other than null.
  var scalar: JSONNode? {
    guard index >= 0 else { return nil }
    let node = storage.tape[Int(index)]
    switch node.kind {
    case .string, .number, .bool, .name: return node
    case .object, .array, .null: return nil
    }
  }

  /// A resource's own type in the place of an abstract or unknown one.
  func resolvingResource(in types: any ElementTypes) -> FHIRPathElement {
    guard type == .unknown || type == .resource || type == .domainResource, let value,
      value.kind == .object, let name = value["resourceType"]?.string,
      let found = types.type(named: name), types.isType(found, .resource)
    else { return self }
    return FHIRPathElement(value, companion: companion, type: found)
  }
}
