/// Types as far as they show without the StructureDefinitions: the data types, the names of the
/// resource types, the types behind the names of choice elements, and what every resource has.
public struct InferredTypes: ElementTypes {
  /// The only one that is needed: it has no state.
  public static let standard = InferredTypes()

  /// Types by inference.
  public init() {}

  private static let resources = ResourceType.names.sorted()
  private static let byName: [String: ElementType] = {
    var table: [String: ElementType] = [:]
    for (offset, name) in resources.enumerated() {
      table[name] = ElementType(rawValue: ElementType.firstFree + UInt16(offset))
    }
    return table
  }()

  public func type(named name: String) -> ElementType? {
    ElementType.fixed(name) ?? Self.byName[name]
  }

  public func name(of type: ElementType) -> String {
    if let name = type.fixedName { return name }
    let offset = Int(type.rawValue) - Int(ElementType.firstFree)
    return Self.resources.indices.contains(offset) ? Self.resources[offset] : ""
  }

  public func base(of type: ElementType) -> ElementType? {
    guard type.rawValue >= ElementType.firstFree else { return type.fixedBase }
    switch name(of: type) {
    case "": return nil
    case "Bundle", "Binary", "Parameters": return .resource
    default: return .domainResource
    }
  }

  public func member(_ name: String, of type: ElementType) -> ElementMember? {
    switch name {
    case "id": return ElementMember(type: .string, isList: false)
    case "extension", "modifierExtension": return ElementMember(type: .extension, isList: true)
    case "contained": return ElementMember(type: .resource, isList: true)
    case "resource": return ElementMember(type: .unknown)
    case "meta": return ElementMember(type: ElementType.fixed("Meta") ?? .element, isList: false)
    case "text" where isType(type, .domainResource):
      return ElementMember(type: ElementType.fixed("Narrative") ?? .element, isList: false)
    default: break
    }
    switch type {
    case .quantity: return Self.quantityMembers[name]
    case .extension where name == "url": return ElementMember(type: .uri, isList: false)
    default: break
    }
    // The type is behind the last letter in upper case before which the rest is a type's name.
    var index = name.utf8.startIndex
    while index < name.utf8.endIndex {
      if index > name.utf8.startIndex, (0x41...0x5A).contains(name.utf8[index]),
        let type = choiceType(String(name[index...]))
      {
        return ElementMember(type: type, isList: false, naming: .unsure)
      }
      index = name.utf8.index(after: index)
    }
    return nil
  }

  private static let quantityMembers: [String: ElementMember] = [
    "value": ElementMember(type: .decimal, isList: false),
    "comparator": ElementMember(type: .code, isList: false),
    "unit": ElementMember(type: .string, isList: false),
    "system": ElementMember(type: .uri, isList: false),
    "code": ElementMember(type: .code, isList: false),
  ]
}
