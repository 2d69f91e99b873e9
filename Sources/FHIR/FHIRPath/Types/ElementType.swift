/// A FHIR type by its number in a table of types, so that comparing two costs nothing.
///
/// The types that the engine itself has to know have fixed numbers, the same in every table; a table
/// gives the numbers from `firstFree` on to resources and backbone elements as it likes.
public struct ElementType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Nothing is known of the element but its JSON.
  public static let unknown = Self(rawValue: 0)

  public static let boolean = Self(rawValue: 1)
  public static let integer = Self(rawValue: 2)
  public static let unsignedInt = Self(rawValue: 3)
  public static let positiveInt = Self(rawValue: 4)
  public static let decimal = Self(rawValue: 5)
  public static let string = Self(rawValue: 6)
  public static let code = Self(rawValue: 7)
  public static let id = Self(rawValue: 8)
  public static let markdown = Self(rawValue: 9)
  public static let uri = Self(rawValue: 10)
  public static let url = Self(rawValue: 11)
  public static let canonical = Self(rawValue: 12)
  public static let oid = Self(rawValue: 13)
  public static let uuid = Self(rawValue: 14)
  public static let base64Binary = Self(rawValue: 15)
  public static let date = Self(rawValue: 16)
  public static let dateTime = Self(rawValue: 17)
  public static let instant = Self(rawValue: 18)
  public static let time = Self(rawValue: 19)
  public static let xhtml = Self(rawValue: 20)
  public static let element = Self(rawValue: 21)
  public static let backboneElement = Self(rawValue: 22)
  public static let resource = Self(rawValue: 23)
  public static let domainResource = Self(rawValue: 24)
  public static let quantity = Self(rawValue: 25)
  public static let reference = Self(rawValue: 26)
  public static let `extension` = Self(rawValue: 27)

  /// The names of the types with fixed numbers, at their numbers.
  static let fixedNames: [String] = [
    "", "boolean", "integer", "unsignedInt", "positiveInt", "decimal", "string", "code", "id",
    "markdown", "uri", "url", "canonical", "oid", "uuid", "base64Binary", "date", "dateTime",
    "instant", "time", "xhtml", "Element", "BackboneElement", "Resource", "DomainResource",
    "Quantity", "Reference", "Extension", "Age", "Count", "Distance", "Duration", "SimpleQuantity",
    "MoneyQuantity", "Address", "Annotation", "Attachment", "CodeableConcept", "Coding",
    "ContactDetail", "ContactPoint", "Contributor", "DataRequirement", "Dosage",
    "ElementDefinition", "Expression", "HumanName", "Identifier", "MarketingStatus", "Meta",
    "Money",
    "Narrative", "ParameterDefinition", "Period", "Population", "ProdCharacteristic",
    "ProductShelfLife", "Range", "Ratio", "RelatedArtifact", "SampledData", "Signature",
    "SubstanceAmount", "Timing", "TriggerDefinition", "UsageContext",
  ]

  /// The number of the first type that a table numbers itself.
  public static let firstFree: UInt16 = 128

  /// A type with a fixed number, by its name in FHIR R4 (`dateTime`, `Quantity`).
  public static func fixed(_ name: String) -> ElementType? { fixedByName[name] }

  /// The name of a type with a fixed number; nil for the others.
  public var fixedName: String? {
    Int(rawValue) < Self.fixedNames.count ? Self.fixedNames[Int(rawValue)] : nil
  }

  /// Whether values of the type are JSON scalars.
  public var isPrimitive: Bool { rawValue >= 1 && rawValue <= Self.xhtml.rawValue }

  /// What a type with a fixed number specializes (R4 2.24.0, "Data types"); nil for Element, Resource
  /// and what is not known.
  public var fixedBase: ElementType? {
    switch self {
    case .unknown, .element, .resource: nil
    case .unsignedInt, .positiveInt: .integer
    case .code, .id, .markdown: .string
    case .url, .canonical, .oid, .uuid: .uri
    case .domainResource: .resource
    default:
      switch fixedName {
      case nil: nil
      case "Age", "Count", "Distance", "Duration", "SimpleQuantity", "MoneyQuantity": .quantity
      case "Dosage", "ElementDefinition", "MarketingStatus", "Population", "ProdCharacteristic",
        "ProductShelfLife", "SubstanceAmount", "Timing":
        .backboneElement
      default: .element
      }
    }
  }

  private static let fixedByName: [String: ElementType] = {
    var table: [String: ElementType] = [:]
    for (number, name) in fixedNames.enumerated().dropFirst() {
      table[name] = ElementType(rawValue: UInt16(number))
    }
    return table
  }()
}
