/// One entry of a resource in the search index, before it is keyed and hashed.
///
/// What the index gives away to someone who holds the hashed terms but not the key: how many terms a
/// resource has, and which resources share one. Beyond that the kinds of terms show through their
/// numbers: a long period has many date terms; a name of many words has many prefix terms; and
/// because the shortest prefixes are few, how often each occurs follows the first letters of names
/// in the population, which can be compared with public statistics. Terms should be hashed together
/// with the resource type, so that equal values under different types do not show.
public struct IndexTerm: Hashable, Sendable {
  /// The element that the value is in (`component.code`), shared by all search parameters that
  /// read it; or `_type`.
  public let parameter: String
  /// The value in the one form that the index and the queries share.
  public let value: String

  public init(parameter: String, value: String) {
    self.parameter = parameter
    self.value = value
  }

  /// By bytes, as they will be hashed: Swift's strings are also equal where only their Unicode
  /// composition differs.
  public static func == (a: Self, b: Self) -> Bool {
    a.parameter.isIdentical(to: b.parameter) && a.value.isIdentical(to: b.value)
  }

  /// The term that every resource of a type has.
  public static func type(_ name: String) -> IndexTerm {
    IndexTerm(parameter: "_type", value: name)
  }
}

/// The terms under which a resource is found: for each element that search parameters of its type
/// read and that is worth an entry, and `_type`. Without repetition, in the order of the text.
public func indexTerms(of resource: Resource) -> [IndexTerm] {
  var collector = IndexTermCollector()
  collector.add(IndexLayout.typeField, resource.type)
  IndexLayout.layout(of: resource.type).collect(resource.root, into: &collector)
  return collector.terms
}

extension String {
  /// Whether two strings have the same bytes.
  func isIdentical(to other: String) -> Bool {
    // Equal bytes make equal strings, and telling that two are not equal is faster this way.
    utf8.count == other.utf8.count && self == other && utf8.elementsEqual(other.utf8)
  }
}

/// Gathers terms and drops repetitions, which only one and the same field can have.
struct IndexTermCollector {
  /// As many terms are compared one by one before hashing them pays.
  private static let few = 48

  private(set) var terms: [IndexTerm] = []
  /// The number of the field of each term: cheaper to compare than its name.
  private var fields: [Int] = []
  private var seen: Set<IndexTerm> = []

  init() {
    terms.reserveCapacity(16)
    fields.reserveCapacity(16)
  }

  mutating func add(_ field: IndexField, _ value: String) {
    let term = IndexTerm(parameter: field.name, value: value)
    if terms.count < Self.few {
      for index in terms.indices where fields[index] == field.number {
        if terms[index].value.isIdentical(to: value) { return }
      }
    } else {
      if seen.isEmpty { seen = Set(terms) }
      guard seen.insert(term).inserted else { return }
    }
    terms.append(term)
    fields.append(field.number)
  }
}
