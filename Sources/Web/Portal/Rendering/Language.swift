/// The languages that the pages speak.
package enum Language: String, CaseIterable, Hashable, Sendable {
  case english = "en"
  case spanish = "es"

  /// The language's name for itself.
  package var name: String {
    switch self {
    case .english: "English"
    case .spanish: "Español"
    }
  }

  /// The best of what a browser asks for (RFC 9110 section 12.5.4); English where nothing fits.
  package init(acceptLanguage header: String?) {
    var best: (language: Language, weight: Double)?
    for part in (header ?? "").split(separator: ",").prefix(32) {
      let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
      guard let range = pieces.first, let primary = range.split(separator: "-").first,
        let language = Language(rawValue: String(primary))
      else { continue }
      let weight =
        pieces.dropFirst().first { $0.hasPrefix("q=") }
        .map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if weight > best?.weight ?? 0 { best = (language, weight) }
    }
    self = best?.language ?? .english
  }
}
