/// One item of a collection: an element of a resource, or a value that was worked out.
public enum FHIRPathItem: Sendable {
  /// An element, where it stands.
  case element(FHIRPathElement)
  /// System.Boolean.
  case boolean(Bool)
  /// System.Integer: 32 bits.
  case integer(Int32)
  /// System.Decimal.
  case decimal(FHIRPathDecimal)
  /// System.String.
  case string(String)
  /// System.Date, System.DateTime or System.Time.
  case temporal(FHIRPathTemporal)
  /// System.Quantity.
  indirect case quantity(FHIRPathQuantity)
  /// What `type()` gives: a namespace and a name.
  indirect case typeInfo(namespace: String, name: String)
}

extension FHIRPathItem {
  /// The item for a JSON value, with what is known of its type.
  public init(_ value: JSONValue, type: ElementType = .unknown, types: any ElementTypes) {
    self = .element(FHIRPathElement(value, type: type).resolvingResource(in: types))
  }

  /// The item for a resource.
  public init(_ resource: Resource, types: any ElementTypes = InferredTypes.standard) {
    self = .element(
      FHIRPathElement(resource.root, type: types.type(named: resource.type) ?? .unknown))
  }

  /// The element, where it is one.
  public var element: FHIRPathElement? {
    if case .element(let element) = self { element } else { nil }
  }

  /// The item as text, as `toString()` gives it; nil for an element that is no primitive.
  public var text: String? {
    switch self {
    case .element(let element): element.scalarText
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .decimal(let value): value.description
    case .string(let value): value
    case .temporal(let value): value.description
    case .quantity(let value): value.description
    case .typeInfo(let namespace, let name): "\(namespace).\(name)"
    }
  }

  /// A System value in the place of a FHIR primitive; anything else stays.
  var plain: FHIRPathItem {
    if case .element(let element) = self { element.systemValue ?? self } else { self }
  }

  /// The truth of an item, where it is a Boolean.
  public var boolean: Bool? {
    switch self {
    case .boolean(let value): value
    case .element(let element): element.value?.bool
    default: nil
    }
  }
}
