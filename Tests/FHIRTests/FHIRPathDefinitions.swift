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

/// The types of every element, read from the StructureDefinitions.
struct DefinedTypes: ElementTypes {
  private var numbers: [String: ElementType] = [:]
  private var names: [ElementType: String] = [:]
  private var bases: [ElementType: ElementType] = [:]
  private var members: [ElementType: [String: ElementMember]] = [:]

  init(_ definitions: [JSONValue]) {
    var next = ElementType.firstFree
    func number(_ name: String, _ types: inout DefinedTypes) -> ElementType {
      if let known = types.numbers[name] { return known }
      let type = ElementType.fixed(name) ?? ElementType(rawValue: next)
      if ElementType.fixed(name) == nil { next += 1 }
      types.numbers[name] = type
      types.names[type] = name
      return type
    }
    for definition in definitions {
      guard definition["derivation"]?.isString("constraint") != true,
        let name = definition["type"]?.string, definition["kind"]?.isString("logical") != true,
        let elements = definition["snapshot"]?["element"]
      else { continue }
      let own = number(name, &self)
      if let base = definition["baseDefinition"]?.string?.split(separator: "/").last {
        bases[own] = number(String(base), &self)
      }
      for element in elements.elements {
        guard let path = element["path"]?.string, let dot = path.lastIndex(of: ".") else {
          continue
        }
        let parent = number(String(path[..<dot]), &self)
        let member = String(path[path.index(after: dot)...])
        let isList = element["max"]?.isString("1") != true
        let codes = element["type"].map { $0.elements.compactMap { $0["code"]?.string } } ?? []
        if let reference = element["contentReference"]?.string {
          members[parent, default: [:]][member] = ElementMember(
            type: number(String(reference.dropFirst()), &self), isList: isList)
        } else if member.hasSuffix("[x]") {
          for code in codes {
            let full = member.dropLast(3) + code.prefix(1).uppercased() + code.dropFirst()
            members[parent, default: [:]][String(full)] = ElementMember(
              type: number(code, &self), isList: isList, naming: .choice)
          }
        } else if let code = codes.first {
          let type: ElementType
          switch code {
          case "BackboneElement", "Element":
            type = number(path, &self)
            bases[type] = number(code, &self)
          case "http://hl7.org/fhirpath/System.String": type = .string
          default: type = number(code, &self)
          }
          members[parent, default: [:]][member] = ElementMember(type: type, isList: isList)
        }
      }
    }
  }

  func type(named name: String) -> ElementType? { numbers[name] ?? ElementType.fixed(name) }

  func name(of type: ElementType) -> String { names[type] ?? "" }

  func base(of type: ElementType) -> ElementType? { bases[type] }

  func member(_ name: String, of type: ElementType) -> ElementMember? { members[type]?[name] }
}
