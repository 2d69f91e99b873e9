/// How a string parameter compares (R4 3.1.1.4.8).
enum StringComparison: Hashable {
  /// The value begins a word of the text.
  case prefix
  /// The same text, with case and accents.
  case exact
  /// The value is somewhere in the text.
  case contains

  func matches(_ wanted: SearchText, _ text: SearchText) -> Bool {
    switch self {
    case .prefix: text.tails.contains { $0.utf8.starts(with: wanted.normalized.utf8) }
    case .exact: text.original.isIdentical(to: wanted.original)
    case .contains: text.normalized.utf8.contains(wanted.normalized.utf8)
    }
  }
}
