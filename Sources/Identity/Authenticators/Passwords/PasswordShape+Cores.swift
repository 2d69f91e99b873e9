extension PasswordShape {
  /// What people put around a word to please a rule: this many characters, or any one run.
  private static let trimmings = 4

  /// The words of which the password may be no more than a spelling: without the digits and signs
  /// before and behind, with letters in place of look-alikes, said once where it is said twice.
  var cores: [String] {
    let isLetter = { (scalar: Unicode.Scalar) in scalar.properties.isAlphabetic }
    let start = scalars.firstIndex(where: isLetter) ?? scalars.startIndex
    let end = scalars.lastIndex(where: isLetter).map { $0 + 1 } ?? scalars.endIndex
    var cores: Set<String> = []
    for lower in Set([scalars.startIndex, start]) {
      for upper in Set([scalars.endIndex, end]) where lower < upper {
        let before = scalars[..<lower]
        let behind = scalars[upper...]
        let isTrim =
          before.count + behind.count <= Self.trimmings
          || Self.runs(before) <= 1 && Self.runs(behind) <= 1
        guard isTrim else { continue }
        for leet in Leet.allCases {
          let word = leet.undo(scalars[lower..<upper])
          let period = Self.period(word[...])
          let once = word.count % period == 0 ? word.prefix(period) : word[...]
          cores.insert(String(String.UnicodeScalarView(once)))
        }
      }
    }
    return cores.sorted()
  }
}

/// Digits and signs that stand for letters.
enum Leet: CaseIterable {
  case none, oneIsI, oneIsL

  func undo(_ scalars: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
    if self == .none { return Array(scalars) }
    return scalars.map { scalar in
      switch scalar {
      case "0": "o"
      case "1", "!", "|": self == .oneIsI ? "i" : "l"
      case "3": "e"
      case "4", "@": "a"
      case "5", "$": "s"
      case "7", "+": "t"
      case "8": "b"
      case "9": "g"
      default: scalar
      }
    }
  }
}
