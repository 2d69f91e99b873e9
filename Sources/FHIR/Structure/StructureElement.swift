/// One element of a type, as its StructureDefinition has it (R4 2.19 ElementDefinition).
public struct StructureElement: Sendable {
  /// One of the types that an element may have.
  public struct TypeChoice: Hashable, Sendable {
    /// The name of the FHIR type: `HumanName`, `code`, `BackboneElement`, `Resource`.
    public let code: String
    /// What `StructureTable.type(_:)` finds the children by: `HumanName`, `Patient.contact`. Of a
    /// content reference it is where that leads; of a primitive the name of the type itself.
    public internal(set) var structure: String
    /// The primitive type, where it is one.
    public let primitive: PrimitiveType?
    /// The resource types that a Reference or canonical may point to; empty where any.
    public let targets: [String]
    /// The names of core profiles on the type (`SimpleQuantity`), of which one must hold.
    public let profiles: [String]
  }

  /// How strongly a coded element is tied to a value set (R4 4.1.5).
  public struct Binding: Hashable, Sendable {
    /// Whether a code from elsewhere is an error; an extensible binding makes it a warning.
    public let isRequired: Bool
    /// The key of the value set in `CodeTable`: its URL without the common beginnings.
    public let valueSet: String
  }

  /// The name without `[x]`: `value`, `birthDate`.
  public let name: String
  /// Whether the member of JSON and XML bears the type in its name (`value[x]` as `valueQuantity`).
  public let isChoice: Bool
  /// The types that it may have; one where it is no choice.
  public internal(set) var types: [TypeChoice]
  /// How many there must be.
  public let minimum: Int
  /// How many there may be; nil for any number.
  public let maximum: Int?
  /// Whether it stands in a summary view (R4 3.1.1.5.8).
  public let isSummary: Bool
  /// Whether it may change the meaning of what it is part of (R4 2.1.1.4).
  public let isModifier: Bool
  /// The value set for the codes, where a binding is required or extensible.
  public let binding: Binding?
  /// The keys of the invariants on the element itself, without those of its type and without `ele-1`.
  public let invariants: [String]

  /// Whether JSON has an array, also for one value.
  public var isArray: Bool { maximum != 1 }

  /// The name of the member for a value of this type.
  public func memberName(for type: TypeChoice) -> String {
    guard isChoice, let first = type.code.first else { return name }
    return name + first.uppercased() + type.code.dropFirst()
  }
}
