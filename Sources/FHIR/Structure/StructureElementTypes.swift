/// The types of FHIRPath by the structure table: every member's type is known, nothing is guessed.
public struct StructureElementTypes: ElementTypes {
  /// The types of R4.
  public static let standard = StructureElementTypes()

  private let names: [String]
  private let numbers: [String: ElementType]
  private let members: [[String: ElementMember]]
  private let bases: [ElementType?]

  private init() {
    let table = StructureTable.r4
    let names = table.names.filter { ElementType.fixed($0) == nil }
    var numbers: [String: ElementType] = [:]
    for (offset, name) in names.enumerated() {
      numbers[name] = ElementType(rawValue: ElementType.firstFree &+ UInt16(clamping: offset))
    }
    func number(_ name: String) -> ElementType? { ElementType.fixed(name) ?? numbers[name] }
    let count = Int(ElementType.firstFree) + names.count
    var members = Array(repeating: [String: ElementMember](), count: count)
    var bases = Array(repeating: ElementType?.none, count: count)
    for name in table.names {
      guard let type = table.type(name), let own = number(name) else { continue }
      bases[Int(own.rawValue)] = type.base.flatMap(number)
      for element in type.elements {
        for choice in element.types {
          let found = number(choice.structure) ?? number(choice.code) ?? .unknown
          members[Int(own.rawValue)][element.memberName(for: choice)] = ElementMember(
            type: found, isList: element.isArray, naming: element.isChoice ? .choice : .plain)
        }
      }
    }
    self.names = names
    self.numbers = numbers
    self.members = members
    self.bases = bases
  }

  public func type(named name: String) -> ElementType? { ElementType.fixed(name) ?? numbers[name] }

  public func name(of type: ElementType) -> String {
    if let name = type.fixedName { return name }
    let offset = Int(type.rawValue) - Int(ElementType.firstFree)
    return names.indices.contains(offset) ? names[offset] : ""
  }

  public func base(of type: ElementType) -> ElementType? {
    if type.isPrimitive { return type.fixedBase }
    return bases.indices.contains(Int(type.rawValue)) ? bases[Int(type.rawValue)] : nil
  }

  public func member(_ name: String, of type: ElementType) -> ElementMember? {
    let own = type.isPrimitive ? ElementType.element : type
    guard members.indices.contains(Int(own.rawValue)) else { return nil }
    return members[Int(own.rawValue)][name]
  }
}
