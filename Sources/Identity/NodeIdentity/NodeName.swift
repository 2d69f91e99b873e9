import Primitives

/// What a node calls itself: shown to people, so nothing in it may deceive the eye or a terminal.
public struct NodeName: Sendable, Hashable, CustomStringConvertible {
  /// The longest name in Unicode scalars: the limit of an X.509 name attribute (RFC 5280 ub-name).
  public static let maximumLength = 64

  /// The name as it was given.
  public let text: String

  /// Returns nil for an empty name, one of more than 64 scalars, with space at either end, or with
  /// control, formatting, private or unassigned characters or line breaks. The joiners that Persian
  /// and Indic names need are allowed.
  public init?(_ text: String) {
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last,
      scalars.count <= Self.maximumLength, !first.properties.isWhitespace,
      !last.properties.isWhitespace, scalars.allSatisfy(Self.isVisible)
    else { return nil }
    self.text = text
  }

  public var description: String { text }

  /// Compares code for code: two spellings that look alike are two names.
  public static func == (a: Self, b: Self) -> Bool {
    a.text.unicodeScalars.elementsEqual(b.text.unicodeScalars)
  }

  public func hash(into hasher: inout Hasher) {
    for scalar in text.unicodeScalars { hasher.combine(scalar) }
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .format: scalar.value == 0x200C || scalar.value == 0x200D
    default: true
    }
  }
}
