import Primitives

/// A regular expression as FHIRPath has them: that of Perl without what cannot be matched in linear
/// time (look-around, references back), case-sensitive, `.` matching every character.
///
/// A match runs all alternatives side by side, so its time is at most the length of the text times the
/// length of the expression, whatever either holds.
struct PathPattern: Sendable {
  enum Instruction: Sendable {
    case scalar(UInt32)
    case any
    case set(Int)
    /// Goes on at both places; the first is tried first.
    case split(Int, Int)
    case jump(Int)
    /// Notes the place as the beginning or end of a group.
    case save(Int)
    case textStart
    case textEnd
    case wordBoundary
    case noWordBoundary
    case match
  }

  static let maximumBytes = 4096
  static let maximumInstructions = 20_000
  static let maximumDepth = 50

  private(set) var program: [Instruction] = []
  private(set) var sets: [ScalarSet] = []
  /// How many groups there are, the whole match included.
  let groupCount: Int
  let groupNames: [String: Int]

  /// Compiles an expression.
  ///
  /// - Throws: `malformed`, `notSupported` for what is left out, `tooLarge` beyond the limits.
  init(_ text: String) throws(PeerChartError) {
    guard text.utf8.count <= Self.maximumBytes else {
      throw PeerChartError(.tooLarge, "the regular expression is longer than is allowed")
    }
    var parser = PatternParser(text)
    let tree = try parser.parse()
    sets = parser.sets
    groupCount = parser.groupCount
    groupNames = parser.groupNames
    try emit(.save(0))
    try compile(tree)
    try emit(.save(1))
    try emit(.match)
  }

  private mutating func emit(_ instruction: Instruction) throws(PeerChartError) {
    guard program.count < Self.maximumInstructions else {
      throw PeerChartError(.tooLarge, "the regular expression is larger than is allowed")
    }
    program.append(instruction)
  }

  private mutating func compile(_ tree: PatternTree) throws(PeerChartError) {
    switch tree {
    case .empty: break
    case .one(let instruction): try emit(instruction)
    case .sequence(let parts): for part in parts { try compile(part) }
    case .group(let number, let inner):
      try emit(.save(2 * number))
      try compile(inner)
      try emit(.save(2 * number + 1))
    case .alternatives(let branches):
      var exits: [Int] = []
      for (place, branch) in branches.enumerated() {
        if place == branches.count - 1 {
          try compile(branch)
        } else {
          let fork = program.count
          try emit(.match)
          try compile(branch)
          exits.append(program.count)
          try emit(.match)
          program[fork] = .split(fork + 1, program.count)
        }
      }
      for exit in exits { program[exit] = .jump(program.count) }
    case .repeated(let inner, let least, let most, let isGreedy):
      for _ in 0..<least { try compile(inner) }
      if let most {
        var forks: [Int] = []
        for _ in least..<max(least, most) {
          forks.append(program.count)
          try emit(.match)
          try compile(inner)
        }
        for fork in forks { program[fork] = split(fork + 1, program.count, isGreedy) }
      } else {
        let fork = program.count
        try emit(.match)
        try compile(inner)
        try emit(.jump(fork))
        program[fork] = split(fork + 1, program.count, isGreedy)
      }
    }
  }

  private func split(_ inside: Int, _ behind: Int, _ isGreedy: Bool) -> Instruction {
    isGreedy ? .split(inside, behind) : .split(behind, inside)
  }
}

/// A regular expression as it was written.
indirect enum PatternTree {
  case empty
  case one(PathPattern.Instruction)
  case sequence([PatternTree])
  case alternatives([PatternTree])
  case group(Int, PatternTree)
  case repeated(PatternTree, least: Int, most: Int?, isGreedy: Bool)
}
