/// The compartments of R4 (CompartmentDefinition): everything that belongs to one resource.
public enum Compartment: String, CaseIterable, Sendable {
  case patient = "Patient"
  case encounter = "Encounter"
  case practitioner = "Practitioner"
  case device = "Device"
  case relatedPerson = "RelatedPerson"

  /// The reference parameters through which resources of a type belong to the compartment, each of
  /// them enough. Empty where they cannot, or only as the resource that it is about.
  public func parameters(of type: String) -> [SearchParameter] {
    (Self.table[rawValue]?[type] ?? []).compactMap { name in
      SearchParameterTable.standard.parameter(name, of: type)
    }
  }

  /// The types that can belong to the compartment, its own among them.
  public var types: [String] { (Self.table[rawValue] ?? [:]).keys.sorted() }

  private static let table: [String: [String: [String]]] = {
    var table: [String: [String: [String]]] = [:]
    var compartment = ""
    var names: [String] = []
    for line in r4.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      switch line.utf8.prefix(while: { $0 == 0x20 }).count {
      case 0: compartment = words.first ?? ""
      case 2: names = words
      default: for type in words { table[compartment, default: [:]][type] = names }
      }
    }
    return table
  }()
}

/// Belonging to the compartment of one resource: `Patient/123`.
public struct CompartmentMembership: Hashable, Sendable {
  public let compartment: Compartment
  public let id: String

  /// Nil where the text is no id.
  public init?(_ compartment: Compartment, id: String) {
    guard Resource.isValidID(id) else { return nil }
    self.compartment = compartment
    self.id = id
  }

  private var target: ReferenceTarget { ReferenceTarget(type: compartment.rawValue, id: id) }

  /// Whether a resource belongs to it: the resource that it is about, and what refers to that by one of
  /// the compartment's parameters.
  public func matches(_ resource: Resource) -> Bool {
    if resource.type == compartment.rawValue, resource.id == id { return true }
    return compartment.parameters(of: resource.type).contains {
      $0.refers(resource, to: target)
    }
  }

  /// Terms of which every resource of a type that belongs to it has one, leaving aside the resource
  /// that it is about; nil where the index cannot tell, empty where none of the type can belong to it.
  public func terms(of type: String) -> [IndexTerm]? {
    var all: [IndexTerm] = []
    for parameter in compartment.parameters(of: type) {
      guard let terms = parameter.terms(in: type, for: target) else { return nil }
      all += terms.filter { !all.contains($0) }
    }
    return all
  }
}
