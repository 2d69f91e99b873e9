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
  private let members: [String: Member]

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
    var members = base?.members ?? [:]
    var position = base?.elements.count ?? 0
    for element in own {
      for type in element.types {
        members[element.memberName(for: type)] = Member(
          element: element, type: type, position: position)
      }
      position += 1
    }
    self.members = members
  }

  /// The element that a member of that name belongs to, with the type that the name says:
  /// `valueQuantity` is `value[x]` as a Quantity. Nil where the type has none; for `_birthDate` ask
  /// without the underscore.
  public func member(_ name: String) -> Member? { members[name] }

  /// The element of that name, without type: `value`, `birthDate`.
  public func element(_ name: String) -> StructureElement? { elements.first { $0.name == name } }
}
