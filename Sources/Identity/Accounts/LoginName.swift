import Foundation
public import Primitives

/// The name that somebody signs in with: an e-mail address or a name of one's own choice.
///
/// Names that people would take for the same are the same: compatibility forms are folded (RFC 8265
/// UsernameCaseMapped, in short), case is, and blanks have no place in them.
public struct LoginName: Hashable, Sendable {
  public static let longest = 128
  /// The folded name.
  public let text: String

  /// - Throws: `invalid` for a name that is empty, too long, or holds what cannot be seen.
  public init(_ text: String) throws(PeerChartError) {
    let folded = text.trimmingCharacters(in: .whitespacesAndNewlines)
      .precomposedStringWithCompatibilityMapping.lowercased()
      .precomposedStringWithCompatibilityMapping
    guard (3...Self.longest).contains(folded.utf8.count),
      folded.unicodeScalars.allSatisfy(Self.isVisible)
    else {
      throw PeerChartError(
        .invalid, "a name to sign in with has 3 to \(Self.longest) bytes and no blanks",
        place: "login")
    }
    self.text = folded
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .decimalNumber, .letterNumber, .otherNumber,
      .connectorPunctuation, .dashPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol,
      .modifierSymbol, .otherSymbol:
      true
    default: false
    }
  }
}
