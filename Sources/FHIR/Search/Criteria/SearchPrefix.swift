import Primitives

/// How an ordered value compares with the one in the query (R4 3.1.1.3.3).
enum SearchPrefix: String, Hashable, Sendable {
  case equal = "eq"
  case notEqual = "ne"
  case greater = "gt"
  case less = "lt"
  case greaterOrEqual = "ge"
  case lessOrEqual = "le"
  case startsAfter = "sa"
  case endsBefore = "eb"
  case approximately = "ap"

  /// Takes the prefix off a value; `eq` where there is none.
  static func split(_ text: String) throws(PeerChartError) -> (SearchPrefix, String) {
    let letters = text.utf8.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
    guard !letters.isEmpty else { return (.equal, text) }
    guard letters.count == 2, let prefix = SearchPrefix(rawValue: String(text.prefix(2))) else {
      throw PeerChartError(.invalid, "an unknown prefix: eq ne gt lt ge le sa eb ap are known")
    }
    return (prefix, String(text.dropFirst(2)))
  }
}
