/// What a FHIRPath engine and a patch need to know of the structure of resources.
///
/// `InferredTypes` knows it of the data types and guesses the rest from the JSON; a table of the
/// StructureDefinitions knows it all.
public protocol ElementTypes: Sendable {
  /// The type of that name: `Patient`, `dateTime`, `Quantity`; of a backbone element the path at which
  /// it is defined, `Observation.component`.
  func type(named name: String) -> ElementType?

  /// The name of a type, as above; empty for `unknown`.
  func name(of type: ElementType) -> String

  /// What a type specializes; nil where that is nothing or not known.
  func base(of type: ElementType) -> ElementType?

  /// What a JSON member of an element of that type holds. `name` is as it stands in the JSON, without
  /// the underscore of a primitive's companion: `valueQuantity`, not `value`. Nil where the type has
  /// no such member or is not known.
  func member(_ name: String, of type: ElementType) -> ElementMember?
}

/// What a JSON member holds.
public struct ElementMember: Sendable {
  /// How the name of a member and the name of its element go together.
  public enum Naming: Sendable {
    /// They are the same.
    case plain
    /// The member's name is that of a choice with the type behind it.
    case choice
    /// Nobody knows: `approvalDate` may be an element, or the choice `approval`.
    case unsure
  }

  /// The type of the value, or of each one in the list.
  public let type: ElementType
  /// Whether the element may repeat, so that its JSON is an array; nil where that is not known.
  public let isList: Bool?
  /// Whether the name is that of a choice.
  public let naming: Naming

  /// A member of that type.
  public init(type: ElementType, isList: Bool? = nil, naming: Naming = .plain) {
    self.type = type
    self.isList = isList
    self.naming = naming
  }
}

extension ElementTypes {
  /// Whether a type is another one or specializes it.
  public func isType(_ type: ElementType, _ other: ElementType) -> Bool {
    var current = type
    // No chain of FHIR is longer than six; a table in error may not turn in a circle.
    for _ in 0..<16 {
      if current == other { return true }
      guard let base = base(of: current) else { return false }
      current = base
    }
    return false
  }

  /// The type that stands behind the name of a choice element: `DateTime` gives `dateTime`.
  func choiceType(_ suffix: String) -> ElementType? {
    guard let first = suffix.first, first.isUppercase else { return nil }
    if let type = ElementType.fixed(suffix) { return type.isValueType ? type : nil }
    return ElementType.fixed(first.lowercased() + suffix.dropFirst())
      .flatMap { $0.isPrimitive ? $0 : nil }
  }
}

extension ElementType {
  /// Whether the type may be one of a choice: no abstract one and no resource.
  fileprivate var isValueType: Bool {
    switch self {
    case .unknown, .element, .backboneElement, .resource, .domainResource, .xhtml: false
    default: true
    }
  }
}
