/// One search parameter of one or more resource types (R4 3.1.1): its name, what kind of value it
/// compares, and where in a resource that value is found.
public struct SearchParameter: Hashable, Sendable {
  /// The kinds of parameters that are offered; each has its own syntax and meaning of values.
  public enum Kind: String, Sendable { case token, reference, date, string }

  /// The name in a query, without modifier: `birthdate`.
  public let name: String
  public let kind: Kind
  /// The resource types that a reference may point to; empty for any type, and for other kinds.
  public let targets: [String]
  /// Whether R4 allows one value at most in a resource. Then only the first is ever looked at, by
  /// the index and by the exact check alike; this is what allows two bounds to be joined to a range.
  public let isSingle: Bool
  /// Where the values are, in the order in which they are looked at.
  let paths: [SearchPath]

  /// Ids are compared exactly; other tokens without regard to case, as R4 3.1.1.4.10 advises.
  var isCaseSensitive: Bool { paths.contains { $0.type == .id } }

  /// Whether some value is of a type whose code system is fixed by the definition (`code`,
  /// `boolean`, `string`), so that a system given in the query says nothing.
  var hasImpliedSystem: Bool { paths.contains { $0.type.impliesSystem } }
}

/// The members to walk from the root of a resource to a value, and the value's FHIR data type.
/// Arrays on the way are passed through. A choice element is one path for each of its types.
struct SearchPath: Hashable, Sendable {
  /// The FHIR data types that values are read from.
  enum ElementType: String, Sendable {
    case coding = "Coding"
    case codeableConcept = "CodeableConcept"
    case identifier = "Identifier"
    case contactPoint = "ContactPoint"
    case code, boolean, string, uri, canonical, id, markdown
    case reference = "Reference"
    case date, dateTime, instant
    case period = "Period"
    case timing = "Timing"
    case humanName = "HumanName"
    case address = "Address"

    var impliesSystem: Bool {
      switch self {
      case .code, .boolean, .string, .uri, .canonical, .id: true
      default: false
      }
    }
  }

  let steps: [String]
  let type: ElementType
  /// `where(resolve() is X)`: only references to this resource type count.
  let filter: String?

  /// Calls `body` with each value at the path, until it returns false. Returns false if it did.
  func visit(_ root: JSONValue, _ body: (JSONValue) -> Bool) -> Bool {
    walk(root, 0, body)
  }

  private func walk(_ value: JSONValue, _ step: Int, _ body: (JSONValue) -> Bool) -> Bool {
    switch value.kind {
    case .array:
      for element in value.elements where !walk(element, step, body) { return false }
      return true
    case .null where step == steps.count: return true
    default:
      guard step < steps.count else { return body(value) }
      guard let member = value[steps[step]] else { return true }
      return walk(member, step + 1, body)
    }
  }
}
