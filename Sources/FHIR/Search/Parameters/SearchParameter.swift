/// One search parameter of one or more resource types (R4 3.1.1): its name, what kind of value it
/// compares, and where in a resource that value is found.
public struct SearchParameter: Hashable, Sendable {
  /// The kinds of parameters (R4 3.1.1.4); each has its own syntax and meaning of values.
  public enum Kind: String, Sendable {
    case number, date, string, token, reference, composite, quantity, uri, special
  }

  /// The name in a query, without modifier: `birthdate`.
  public let name: String
  public let kind: Kind
  /// The resource types that a reference may point to; empty for any type, and for other kinds.
  public let targets: [String]
  /// Whether R4 allows one value at most in a resource. Then only the first is ever looked at, which
  /// is what allows two bounds to be joined to a range.
  public let isSingle: Bool
  /// Where the values are.
  let source: SearchSource
  /// Of a composite: the elements that hold components together, and those components.
  let groups: [SearchGroup]
}

/// Where in a resource (or in an element of it) values of one kind are.
struct SearchSource: Hashable, Sendable {
  let kind: SearchParameter.Kind
  /// In the order in which they are looked at.
  let paths: [SearchPath]
  var isSingle = false

  /// Ids are compared exactly; other tokens without regard to case, as R4 3.1.1.4.10 advises.
  var isCaseSensitive: Bool { paths.contains { $0.type == .id } }
}

/// The components of a composite parameter within one element.
struct SearchGroup: Hashable, Sendable {
  /// The element; no steps for the resource itself.
  let steps: [SearchPath.Step]
  let components: [SearchSource]
}
