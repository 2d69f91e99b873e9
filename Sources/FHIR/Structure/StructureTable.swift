/// What FHIR R4 says of the elements of every type, read once from a compact text.
///
/// `Scripts/generate-structure-table.py` writes the text from the StructureDefinitions. Its first line
/// lists the types of an open choice (R4 2.24.0.1), for which `*` stands afterwards. A type is a line
/// without indentation: name, base (`-` for none), `r` resource, `c` data type or `a` abstract, keys of
/// invariants. Its own elements follow, those of a backbone element one space deeper:
///
///     link * BackboneElement .sm
///      type 1 code .s =r:link-type !inv-1
///
/// that is: name, cardinality (`?` 0..1, `1` 1..1, `*` 0..*, `+` 1..*), types divided by `|` with
/// targets in parentheses and profiles behind `~`, or `#` and the path of a content reference; then
/// `.` flags (s summary, m modifier), `=` binding (r required, e extensible), `!` invariants.
public struct StructureTable: Sendable {
  /// The types of FHIR R4 (4.0.1).
  public static let r4 = StructureTable(parsing: r4Text)

  private let types: [String: StructureType]

  init(parsing text: StaticString) {
    types = text.withUTF8Buffer { buffer in
      var reader = StructureTableReader()
      for line in buffer.split(separator: 0x0A) { reader.read(line) }
      return reader.finish()
    }
  }

  /// The type of that name, or the backbone element at that path; nil for primitives and strangers.
  public func type(_ name: String) -> StructureType? { types[name] }

  /// The names of all types, with the paths of all backbone elements.
  public var names: [String] { types.keys.sorted() }

  /// The type of a resource by its `resourceType`; nil where R4 has none or it is abstract.
  public func resource(_ name: String) -> StructureType? {
    guard let type = types[name], type.kind == .resource, !type.isAbstract else { return nil }
    return type
  }

  /// The element at a path such as `Patient.contact.name.family`, walking from type to type; nil where
  /// there is none. A choice is named without type (`Observation.value`) or with it
  /// (`Observation.valueQuantity.unit`, which is how to go below it).
  public func element(at path: String) -> StructureElement? {
    let steps = path.split(separator: ".").map(String.init)
    guard let first = steps.first, var type = types[first] else { return nil }
    var found: StructureElement?
    for step in steps.dropFirst() {
      if let before = found {
        guard let next = before.types.first, before.types.count == 1,
          let below = types[next.structure]
        else { return nil }
        type = below
      }
      if let member = type.member(step) {
        var element = member.element
        element.types = [member.type]
        found = element
      } else if let element = type.element(step) {
        found = element
      } else {
        return nil
      }
    }
    return found
  }
}
