import FHIR
import Foundation

/// FHIR's own definitions, where they are there: the types of all elements, the invariants and the
/// search parameters.
enum FHIRPathDefinitions {
  struct Invariant {
    let key: String
    /// The element it is about: `Patient.contact`, `Period`.
    let path: String
    let expression: String
    let isError: Bool
  }

  static var folder: URL? { SearchSupport.shared?.appendingPathComponent("definitions") }

  static func resources(_ names: [String]) throws -> [JSONValue] {
    guard let folder else { return [] }
    var found: [JSONValue] = []
    for name in names {
      let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
      let root = try JSONDocument(parsing: bytes).root
      if root.kind == .array {
        found += Array(root.elements)
      } else if let entries = root["entry"] {
        found += entries.elements.compactMap { $0["resource"] }
      } else {
        found.append(root)
      }
    }
    return found
  }

  static let baseFiles = ["r4/profiles-types.json", "r4/profiles-resources.json"]
  static let otherFiles = [
    "r4/profiles-others.json", "r4/extension-definitions.json",
    "uscore/3.1.1/StructureDefinition.json", "uscore/6.1.0/StructureDefinition.json",
    "uscore/7.0.0/StructureDefinition.json", "uscore/8.0.0/StructureDefinition.json",
  ]

  /// The invariants that the definitions state themselves (not those they inherit).
  static func invariants(in definitions: [JSONValue]) -> [Invariant] {
    definitions.flatMap { definition -> [Invariant] in
      let elements = definition["differential"]?["element"].map { Array($0.elements) } ?? []
      return elements.flatMap { element in
        (element["constraint"].map { Array($0.elements) } ?? []).compactMap { constraint in
          guard let expression = constraint["expression"]?.string else { return nil }
          return Invariant(
            key: constraint["key"]?.string ?? "", path: element["path"]?.string ?? "",
            expression: expression, isError: constraint["severity"]?.isString("error") ?? false)
        }
      }
    }
  }

  static func searchExpressions() throws -> [(name: String, bases: [String], expression: String)] {
    let files = ["r4/search-parameters.json", "uscore/6.1.0/SearchParameter.json"]
    return try resources(files).compactMap { parameter in
      guard let expression = parameter["expression"]?.string else { return nil }
      let bases = parameter["base"].map { $0.elements.compactMap(\.string) } ?? []
      return (parameter["name"]?.string ?? "", bases, expression)
    }
  }
}
