/// A class of characters: `[a-z0-9_]`, `\d`, `[^\s]`.
struct ScalarSet: Sendable {
  var ranges: [ClosedRange<UInt32>] = []
  /// General categories by their one or two letters, such as `L` or `Lu`.
  var categories: [String] = []
  /// Sets whose complement belongs to this one: `\S` inside of brackets.
  var complements: [ScalarSet] = []
  var isNegated = false

  static let digits = ScalarSet(ranges: [0x30...0x39])
  static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  static let space = ScalarSet(ranges: [0x09...0x0D, 0x20...0x20])

  func contains(_ scalar: UInt32) -> Bool {
    let found =
      ranges.contains { $0.contains(scalar) }
      || complements.contains { !$0.contains(scalar) }
      || (!categories.isEmpty && categories.contains { Self.isIn($0, scalar) })
    return found != isNegated
  }

  mutating func insert(_ other: ScalarSet) {
    if other.isNegated {
      var inner = other
      inner.isNegated = false
      complements.append(inner)
    } else {
      ranges += other.ranges
      categories += other.categories
      complements += other.complements
    }
  }

  private static func isIn(_ category: String, _ scalar: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(scalar) else { return false }
    return names(of: scalar.properties.generalCategory).contains(category)
  }

  /// The names by which `\p{…}` knows a category.
  private static func names(of category: Unicode.GeneralCategory) -> [String] {
    switch category {
    case .uppercaseLetter: ["L", "Lu"]
    case .lowercaseLetter: ["L", "Ll"]
    case .titlecaseLetter: ["L", "Lt"]
    case .modifierLetter: ["L", "Lm"]
    case .otherLetter: ["L", "Lo"]
    case .nonspacingMark: ["M", "Mn"]
    case .spacingMark: ["M", "Mc"]
    case .enclosingMark: ["M", "Me"]
    case .decimalNumber: ["N", "Nd"]
    case .letterNumber: ["N", "Nl"]
    case .otherNumber: ["N", "No"]
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      ["P"]
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: ["S"]
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: ["Z"]
    default: ["C"]
    }
  }

  static let categoryNames: Set<String> = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "S", "Z",
    "C",
  ]
}
