/// Text from elsewhere, fit for a terminal: nothing in it moves the cursor, rings or reorders letters.
enum VisibleText {
  static func clean(_ text: String) -> String {
    guard !text.unicodeScalars.allSatisfy(isHarmless) else { return text }
    var output = String.UnicodeScalarView()
    output.append(contentsOf: text.unicodeScalars.map { isHarmless($0) ? $0 : "\u{FFFD}" })
    return String(output)
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A, 0x20...0x7E: true
    // Marks, embeddings, overrides and isolates of the bidirectional algorithm.
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: false
    default:
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
      default: true
      }
    }
  }
}
