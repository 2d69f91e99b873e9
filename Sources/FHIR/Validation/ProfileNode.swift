/// What a profile asks of one element beyond what its type asks already.
final class ProfileNode: Sendable {
  /// A type that the element may have, and what is asked of a value of it.
  struct TypeRule: Sendable {
    let code: String
    /// The types and profiles that a Reference or canonical may point to, by their keys.
    let targets: [String]
    /// The profiles of which a value must conform to one.
    let profiles: [String]
  }

  struct Slicing: Sendable {
    enum Rules: Sendable { case open, closed, openAtEnd }
    enum Kind: String, Sendable { case value, pattern, type, exists, profile }

    struct Discriminator: Sendable {
      let kind: Kind
      /// `$this`, or names with `resolve()` among them.
      let path: [String]
    }

    let rules: Rules
    let isOrdered: Bool
    let discriminators: [Discriminator]
  }

  /// `fixed[x]` or `pattern[x]`.
  struct Expected: Sendable {
    let isFixed: Bool
    let value: JSONValue
  }

  /// The name of the element without `[x]`; of the root the type.
  let name: String
  /// The name of the slice, where it is one.
  let slice: String?
  let minimum: Int?
  let maximum: Int?
  let types: [TypeRule]
  let binding: StructureElement.Binding?
  let invariants: [String]
  let expected: Expected?
  let slicing: Slicing?
  let children: [ProfileNode]
  let slices: [ProfileNode]

  init(
    name: String, slice: String? = nil, minimum: Int? = nil, maximum: Int? = nil,
    types: [TypeRule] = [], binding: StructureElement.Binding? = nil, invariants: [String] = [],
    expected: Expected? = nil, slicing: Slicing? = nil, children: [ProfileNode] = [],
    slices: [ProfileNode] = []
  ) {
    self.name = name
    self.slice = slice
    self.minimum = minimum
    self.maximum = maximum
    self.types = types
    self.binding = binding
    self.invariants = invariants
    self.expected = expected
    self.slicing = slicing
    self.children = children
    self.slices = slices
  }

  func child(_ name: String) -> ProfileNode? { children.first { $0.name == name } }
}

/// A profile or an extension.
final class Profile: Sendable {
  /// The canonical URL, shortened as `ProfileTable.key(of:)` does.
  let key: String
  let version: String
  let type: String
  let root: ProfileNode

  init(key: String, version: String, type: String, root: ProfileNode) {
    self.key = key
    self.version = version
    self.type = type
    self.root = root
  }

  /// The canonical URL with the version.
  var canonical: String { ProfileTable.url(of: key) + "|" + version }
}
