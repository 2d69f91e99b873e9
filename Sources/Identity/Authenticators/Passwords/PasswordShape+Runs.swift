extension PasswordShape {
  /// How many runs there are: stretches that repeat a character, or go along the alphabet, the digits
  /// or a row of the keyboard in one direction. A character beside none of these is a run of its own.
  var runs: Int { Self.runs(scalars[...]) }

  static func runs(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
    var count = 0
    var directions: Direction = []
    var previous: Unicode.Scalar?
    for scalar in scalars {
      let step = previous.map { Direction(from: $0, to: scalar) } ?? []
      // A run of one may still go any way; a longer one keeps to a way it has gone so far.
      directions = directions == .any ? step : directions.intersection(step)
      if directions.isEmpty {
        count += 1
        directions = .any
      }
      previous = scalar
    }
    return count
  }

  /// The length of the shortest block that, said over and over, gives the password; its own length
  /// when there is none. (The failure function of Knuth, Morris and Pratt.)
  var period: Int { Self.period(scalars[...]) }

  static func period(_ slice: ArraySlice<Unicode.Scalar>) -> Int {
    let scalars = Array(slice)
    guard scalars.count > 1 else { return scalars.count }
    var border = [Int](repeating: 0, count: scalars.count)
    for index in 1..<scalars.count {
      var length = border[index - 1]
      while length > 0, scalars[length] != scalars[index] { length = border[length - 1] }
      border[index] = scalars[length] == scalars[index] ? length + 1 : 0
    }
    return scalars.count - border[scalars.count - 1]
  }

  private struct Direction: OptionSet {
    let rawValue: Int
    static let same = Direction(rawValue: 1)
    static let up = Direction(rawValue: 2)
    static let down = Direction(rawValue: 4)
    static let right = Direction(rawValue: 8)
    static let left = Direction(rawValue: 16)
    static let any = Direction(rawValue: 31)

    init(rawValue: Int) { self.rawValue = rawValue }

    init(from a: Unicode.Scalar, to b: Unicode.Scalar) {
      var ways: Direction = []
      switch Int(b.value) - Int(a.value) {
      case 0: ways.insert(.same)
      case 1: ways.insert(.up)
      case -1: ways.insert(.down)
      default: break
      }
      if Self.neighbours.contains([a, b]) { ways.insert(.right) }
      if Self.neighbours.contains([b, a]) { ways.insert(.left) }
      self = ways
    }

    /// Keys side by side on the keyboards of English, Spanish, French and German.
    private static let neighbours: Set<[Unicode.Scalar]> = {
      let rows = [
        "1234567890", "!@#$%^&*()", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop",
        "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "asdfghjklñ",
      ]
      return Set(
        rows.flatMap { row in
          zip(row.unicodeScalars, row.unicodeScalars.dropFirst()).map { [$0, $1] }
        })
    }()
  }
}
