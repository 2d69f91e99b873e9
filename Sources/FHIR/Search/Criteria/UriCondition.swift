import Primitives

/// How a URI parameter compares (R4 3.1.1.4.13): the very same, or by the hierarchy of the path.
enum UriComparison: Hashable { case same, below, above }

/// One alternative of a URI parameter.
struct UriCondition: Hashable {
  let text: String
  let comparison: UriComparison

  init(parsing text: EscapedText, _ comparison: UriComparison) {
    self.text = text.unescaped
    self.comparison = comparison
  }

  func matches(_ value: UriValue) -> Bool {
    switch comparison {
    case .same: text.isIdentical(to: value.text) || text.isIdentical(to: value.plain)
    case .below: UriHierarchy.isBelow(value.text, text)
    case .above: UriHierarchy.isBelow(text, value.plain)
    }
  }
}
