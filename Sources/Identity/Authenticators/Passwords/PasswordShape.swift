import Foundation

/// What a password is made of, in the eyes of somebody who guesses.
struct PasswordShape {
  /// The normalized text in lower case: capitals are where everybody puts them.
  let scalars: [Unicode.Scalar]

  init(_ normalized: String) {
    scalars = Array(normalized.lowercased().unicodeScalars)
  }

  /// The words of a person's name or address, folded as the password is; short ones and all but the
  /// first 256 characters are left out.
  static func words(_ text: String) -> [[Unicode.Scalar]] {
    let folded = String(text.prefix(256)).precomposedStringWithCompatibilityMapping.lowercased()
    let parts = folded.unicodeScalars.split { !$0.properties.isAlphabetic && !isDigit($0) }
    let words = parts.map(Array.init)
    return (words + [words.flatMap(\.self)]).filter { $0.count >= 3 }
  }

  /// How many characters are left when these words are taken out, whether they are spelt with letters
  /// or with digits that look like them.
  func lengthWithout(_ words: [[Unicode.Scalar]]) -> Int {
    let words = words.sorted { $0.count > $1.count }
    return Leet.allCases.map { leet in
      var rest = leet.undo(scalars[...])
      var kept = 0
      while let first = rest.first {
        if let word = words.first(where: { rest.starts(with: $0) }) {
          rest = Array(rest.dropFirst(word.count))
        } else {
          // A blank or hyphen between two names adds nothing.
          if first.properties.isAlphabetic || Self.isDigit(first) { kept += 1 }
          rest.removeFirst()
        }
      }
      return kept
    }.min() ?? 0
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
