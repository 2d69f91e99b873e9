/// An element as it stands in a resource: its value with what is beside it (`birthDate` and
/// `_birthDate`), its type, and its place.
struct ValidationElement {
  /// The value; nil where there are only extensions or an id of a primitive.
  let value: JSONValue?
  /// The object beside a primitive.
  let extra: JSONValue?
  let type: StructureElement.TypeChoice
  /// What the children are. For a primitive it is Element, for a resource its own type; nil where a
  /// resource has a type that R4 does not know.
  let structure: StructureType?
  let place: ValidationPlace

  init(
    value: JSONValue?, extra: JSONValue?, type: StructureElement.TypeChoice, place: ValidationPlace
  ) {
    self.value = value.flatMap { $0.kind == .null ? nil : $0 }
    self.extra = extra.flatMap { $0.kind == .null ? nil : $0 }
    self.type = type
    self.place = place
    let table = StructureTable.r4
    structure =
      if type.primitive != nil {
        table.type("Element")
      } else if type.code == "Resource" {
        value?["resourceType"]?.string.flatMap(table.resource)
      } else {
        table.type(type.structure)
      }
  }

  /// A resource.
  init(resource: JSONValue, place: ValidationPlace) {
    self.init(value: resource, extra: nil, type: Self.resource, place: place)
  }

  private static let resource = StructureElement.TypeChoice(
    code: "Resource", structure: "Resource", primitive: nil, targets: [], profiles: [])

  /// The object that the children are members of.
  var object: JSONValue? { type.primitive == nil ? value : extra }

  /// The name of the type: of a resource its own.
  var typeName: String {
    type.code == "Resource" ? structure?.name ?? "Resource" : type.code
  }

  /// The text of a string, code, uri and the like.
  var text: String? { value?.string }

  /// The elements of that name; of a choice whatever type they have. What R4 does not know is left
  /// out, as are nulls: checking the structure names them.
  func children(_ name: String) -> [ValidationElement] {
    guard let object, object.kind == .object, let structure,
      let definition = structure.element(name)
    else { return [] }
    guard definition.isChoice else {
      guard let type = definition.types.first else { return [] }
      return Self.elements(
        object[name], type.primitive == nil ? nil : object["_" + name], definition, type, place)
    }
    for type in definition.types {
      let member = definition.memberName(for: type)
      let value = object[member]
      let extra = type.primitive == nil ? nil : object["_" + member]
      if value != nil || extra != nil {
        return Self.elements(value, extra, definition, type, place)
      }
    }
    return []
  }

  /// The elements that a member holds together with the one beside it.
  static func elements(
    _ value: JSONValue?, _ extra: JSONValue?, _ definition: StructureElement,
    _ type: StructureElement.TypeChoice, _ place: ValidationPlace
  ) -> [ValidationElement] {
    guard definition.isArray else {
      let element = ValidationElement(
        value: value, extra: extra, type: type, place: place.child(definition.name))
      return element.value == nil && element.extra == nil ? [] : [element]
    }
    let values = value.map { Array($0.elements) } ?? []
    let extras = extra.map { Array($0.elements) } ?? []
    return (0..<max(values.count, extras.count)).map { index in
      ValidationElement(
        value: index < values.count ? values[index] : nil,
        extra: index < extras.count ? extras[index] : nil, type: type,
        place: place.child(definition.name, index))
    }
  }
}
