/// The elements of one resource type, data type or backbone element, those of its base first.
///
/// A class because it is made once and handed about by every walk over a resource.
public final class StructureType: Sendable {
  /// What a type is.
  public enum Kind: Sendable { case resource, dataType, backbone }

  /// An element together with the one of its types that a member name stands for.
  public struct Member: Sendable {
    public let element: StructureElement
    public let type: StructureElement.TypeChoice
    /// The position of the element among those of the type.
    public let position: Int
  }

  /// `Patient`, `HumanName`, or the path of a backbone element: `Patient.contact`.
  public let name: String
  /// The type that it specializes; nil for Element and Resource.
  public let base: String?
  public let kind: Kind
  /// Whether no value has just this type (Element, Resource, DomainResource …).
  public let isAbstract: Bool
  /// All elements in their order, which is also that of XML.
  public let elements: [StructureElement]
  /// The keys of the invariants on values of the type, without `ele-1` and `ext-1`.
  public let invariants: [String]
  /// The positions of the elements that are no choice, by name, and those of the choices.
  private let positions: [String: Int]
  private let choices: [Int]

  init(
    name: String, base: StructureType?, kind: Kind, isAbstract: Bool, own: [StructureElement],
    invariants: [String]
  ) {
    self.name = name
    self.base = base?.name
    self.kind = kind
    self.isAbstract = isAbstract
    self.invariants = (base?.invariants ?? []) + invariants
    elements = (base?.elements ?? []) + own
    var positions = base?.positions ?? [:]
    var choices = base?.choices ?? []
    positions.reserveCapacity(elements.count)
    for (position, element) in zip((base?.elements.count ?? 0)..., own) {
      if element.isChoice { choices.append(position) } else { positions[element.name] = position }
    }
    self.positions = positions
    self.choices = choices
  }

  /// The element that a member of that name belongs to, with the type that the name says:
  /// `valueQuantity` is `value[x]` as a Quantity. Nil where the type has none; for `_birthDate` ask
  /// without the underscore.
  public func member(_ name: String) -> Member? {
    if let position = positions[name] {
      let element = elements[position]
      return element.types.first.map { Member(element: element, type: $0, position: position) }
    }
    for position in choices where name.utf8.starts(with: elements[position].name.utf8) {
      let element = elements[position]
      let suffix = name.utf8.dropFirst(element.name.utf8.count)
      if let type = element.types.first(where: { $0.isNamed(suffix) }) {
        return Member(element: element, type: type, position: position)
      }
    }
    return nil
  }

  /// The element of that name, without type: `value`, `birthDate`.
  public func element(_ name: String) -> StructureElement? {
    if let position = positions[name] { return elements[position] }
    return choices.first { elements[$0].name == name }.map { elements[$0] }
  }
}

extension StructureElement.TypeChoice {
  /// Whether the type is what stands behind the name of a choice: `DateTime`, `Quantity`.
  fileprivate func isNamed(_ suffix: Substring.UTF8View) -> Bool {
    guard let first = code.utf8.first, suffix.count == code.utf8.count else { return false }
    let isLower = (0x61...0x7A).contains(first)
    return suffix.first == (isLower ? first - 0x20 : first)
      && suffix.dropFirst().elementsEqual(code.utf8.dropFirst())
  }
}
