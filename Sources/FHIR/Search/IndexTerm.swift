/// One entry of a resource in the search index, before it is keyed and hashed.
///
/// What the index gives away to someone who holds the hashed terms but not the key: how many terms a
/// resource has, and which resources share one. Beyond that the kinds of terms show through their
/// numbers: a long period has many date terms; a name of many words has many prefix terms; and
/// because the shortest prefixes are few, how often each occurs follows the first letters of names
/// in the population, which can be compared with public statistics. Terms should be hashed together
/// with the resource type, so that equal values under different types do not show.
public struct IndexTerm: Hashable, Sendable {
  /// The search parameter, or `_type`.
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

/// The terms under which a resource is found: for each search parameter of its type and each of its
/// values, and `_type`. Without repetition, in a fixed order.
public func indexTerms(of resource: Resource) -> [IndexTerm] {
  var collector = IndexTermCollector()
  collector.add("_type", resource.type)
  for parameter in SearchParameterTable.standard.parameters(of: resource.type) {
    collector.begin()
    collector.add(parameter, of: resource.root)
  }
  return collector.terms
}

extension String {
  /// Whether two strings have the same bytes.
  func isIdentical(to other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}

/// Gathers terms and drops repetitions, which only one and the same parameter can have.
private struct IndexTermCollector {
  /// As many terms are compared one by one before hashing them pays.
  private static let few = 12

  private(set) var terms: [IndexTerm] = []
  /// Where the terms of the parameter begin, and those terms once they are many.
  private var start = 0
  private var seen: Set<IndexTerm> = []

  init() { terms.reserveCapacity(64) }

  /// The terms of another parameter follow.
  mutating func begin() {
    start = terms.count
    seen.removeAll(keepingCapacity: true)
  }

  mutating func add(_ parameter: String, _ value: String) {
    let term = IndexTerm(parameter: parameter, value: value)
    if terms.count - start <= Self.few {
      guard !terms[start...].contains(where: { $0.value.isIdentical(to: value) }) else { return }
    } else {
      if seen.isEmpty { seen = Set(terms[start...]) }
      guard seen.insert(term).inserted else { return }
    }
    terms.append(term)
  }

  mutating func add(_ parameter: SearchParameter, of root: JSONValue) {
    switch parameter.kind {
    case .token:
      for token in parameter.tokens(in: root) {
        add(parameter.name, token.code)
        if !token.isImplied { add(parameter.name, TokenTerm.qualified(token.system, token.code)) }
      }
    case .reference:
      for reference in parameter.references(in: root) { add(parameter.name, reference.term) }
    case .date:
      for interval in parameter.dates(in: root) {
        for term in DateTerms.terms(of: interval) { add(parameter.name, term) }
      }
    case .string:
      for text in parameter.strings(in: root) {
        for term in StringTerm.terms(of: text) { add(parameter.name, term) }
      }
    }
  }
}

/// How tokens appear in the index: `code` for any system, `system|code`, `|code` for no system.
enum TokenTerm {
  static func qualified(_ system: String?, _ code: String) -> String { (system ?? "") + "|" + code }
}

/// How strings appear in the index: the first 1 to 6 scalars from each beginning of a word, and the
/// whole text behind an equals sign (which normalised text cannot contain).
enum StringTerm {
  static let longestPrefix = 6

  static func terms(of text: SearchText) -> [String] {
    var terms = [whole(text)]
    for tail in text.tails {
      var prefix = String.UnicodeScalarView()
      for scalar in tail.unicodeScalars.prefix(longestPrefix) {
        prefix.append(scalar)
        if scalar != " " { terms.append(String(prefix)) }
      }
    }
    return terms
  }

  static func whole(_ text: SearchText) -> String { "=" + text.normalized }

  /// The term under which texts are found that have a word beginning with `text`. No prefix ends in
  /// white space, so neither does this.
  static func prefix(_ text: SearchText) -> String {
    var prefix = text.normalized.unicodeScalars.prefix(longestPrefix)
    if prefix.last == " " { prefix.removeLast() }
    return String(prefix)
  }
}
