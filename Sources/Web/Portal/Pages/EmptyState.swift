/// What stands where a list would be if it had anything.
struct EmptyState {
  private let icon: String
  private let word: String

  /// - Parameter word: the key of the heading; the text under it has the same with `_text`.
  init(_ icon: String, _ word: String) {
    self.icon = icon
    self.word = word
  }

  func content(_ strings: PortalStrings) -> PageValue {
    .object([
      "icon": .text(icon), "title": .text(strings[word]), "text": .text(strings["\(word)_text"]),
    ])
  }
}
