/// A text as string parameters compare it (R4 3.1.1.4.8): without regard to case, accents,
/// punctuation and the amount of white space.
struct SearchText: Hashable {
  /// The text as it is, for `:exact`; cut like `normalized`.
  let original: String
  /// Lower-case base letters and digits, words separated by single spaces.
  let normalized: String

  init(_ text: String) {
    original = String(text.unicodeScalars.prefix(SearchLimits.scalarsInString))
    normalized = Self.normalize(original)
  }

  /// What follows from each beginning of a word to the end.
  var tails: [Substring] {
    var tails: [Substring] = []
    var isStart = true
    for index in normalized.unicodeScalars.indices {
      if isStart { tails.append(normalized[index...]) }
      isStart = normalized.unicodeScalars[index] == " "
    }
    return tails
  }

  static func normalize(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    var spaceIsDue = false
    for scalar in text.unicodeScalars {
      switch FoldedScalar(scalar) {
      case .dropped: continue
      case .separator: spaceIsDue = !output.isEmpty
      case .letters(let first, let second):
        if spaceIsDue { output.append(" ") }
        spaceIsDue = false
        output.append(first)
        if let second { output.append(second) }
      }
    }
    return String(output)
  }
}

/// What is left of a scalar once case, accent and punctuation are taken away.
private enum FoldedScalar {
  case letters(Unicode.Scalar, Unicode.Scalar?)
  case separator
  /// Combining marks, apostrophes and invisible characters: O'Brien is found as obrien.
  case dropped

  init(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x61...0x7A, 0x30...0x39: self = .letters(scalar, nil)
    case 0x41...0x5A: self = .letters(Unicode.Scalar(UInt8(scalar.value) | 0x20), nil)
    case 0x27, 0x60, 0x00AD, 0x2018, 0x2019, 0x02BC: self = .dropped
    case ..<0x80: self = .separator
    default: self.init(beyondASCII: scalar)
    }
  }

  private init(beyondASCII scalar: Unicode.Scalar) {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: self = .dropped
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter:
      let lower = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
      if let letters = Self.ligatures[lower] {
        self = .letters(letters.0, letters.1)
      } else {
        self = .letters(Self.base(of: lower), nil)
      }
    case .otherLetter, .modifierLetter, .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
      self = .letters(scalar, nil)
    default: self = .separator
    }
  }

  /// The letter without what its Unicode name puts behind WITH: "LATIN SMALL LETTER E WITH ACUTE".
  /// The standard library offers no decomposition, and names say it for strokes and hooks as well.
  private static func base(of letter: Unicode.Scalar) -> Unicode.Scalar {
    guard let name = letter.properties.name else { return letter }
    let words = name.split(separator: " ")
    guard let with = words.firstIndex(of: "WITH") else { return letter }
    return letters[words[..<with].joined(separator: " ")] ?? letter
  }

  /// The plain Latin, Greek and Cyrillic letters by name.
  private static let letters: [String: Unicode.Scalar] = {
    let ranges: [ClosedRange<UInt32>] = [0x61...0x7A, 0x3B1...0x3C9, 0x430...0x45F]
    var letters: [String: Unicode.Scalar] = [:]
    for scalar in ranges.joined().compactMap(Unicode.Scalar.init) {
      if let name = scalar.properties.name { letters[name] = scalar }
    }
    letters["LATIN SMALL LETTER DOTLESS I"] = "i"
    return letters
  }()

  /// Letters that are written as others, and the Cyrillic ones whose accent their name hides.
  private static let ligatures: [Unicode.Scalar: (Unicode.Scalar, Unicode.Scalar?)] = [
    "ß": ("s", "s"), "æ": ("a", "e"), "œ": ("o", "e"), "þ": ("t", "h"), "ð": ("d", nil),
    "ı": ("i", nil), "ĳ": ("i", "j"), "ς": ("σ", nil), "ё": ("е", nil), "й": ("и", nil),
    "ї": ("і", nil),
  ]
}
