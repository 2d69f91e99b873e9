import Primitives

/// Runs a regular expression over a text, all its alternatives side by side.
struct PatternMatcher {
  private let pattern: PathPattern
  private let scalars: [UInt32]
  private let budget: FHIRPathBudget
  /// Whether threads note where groups begin and end.
  private let captures: Bool
  /// When a place in the program was last entered, so that each is entered once for a character.
  private var entered: [Int]
  private var generation = 0

  private struct Thread {
    let place: Int
    var groups: [Int]
  }

  init(
    _ pattern: PathPattern, _ text: String, captures: Bool, budget: FHIRPathBudget
  ) throws(PeerChartError) {
    try budget.charge(text: text.utf8.count)
    self.pattern = pattern
    self.captures = captures
    self.budget = budget
    scalars = text.unicodeScalars.map(\.value)
    entered = Array(repeating: 0, count: pattern.program.count)
  }

  /// Whether the expression matches somewhere, or with `whole` the text from its beginning to its end.
  mutating func isFound(whole: Bool = false) throws(PeerChartError) -> Bool {
    try search(from: 0, whole: whole) != nil
  }

  /// The groups of the first match from a place on: pairs of beginning and end, -1 where a group has
  /// none; nil where there is no match.
  mutating func search(
    from start: Int, whole: Bool = false
  ) throws(PeerChartError) -> [Int]? {
    var threads: [Thread] = []
    var found: [Int]?
    let none = captures ? Array(repeating: -1, count: 2 * pattern.groupCount) : []
    var position = start
    while true {
      generation += 1
      var waiting: [Thread] = []
      for thread in threads {
        // What comes behind a thread that has matched is preferred less, and given up.
        if let groups = try enter(thread, at: position, whole, &waiting) {
          found = groups
          break
        }
      }
      // A new attempt comes behind all that began earlier.
      if found == nil, !whole || position == start {
        found = try enter(Thread(place: 0, groups: none), at: position, whole, &waiting)
      }
      if found != nil, !captures || waiting.isEmpty { return found }
      guard position < scalars.count, !whole || !waiting.isEmpty else { return found }
      let scalar = scalars[position]
      threads.removeAll(keepingCapacity: true)
      for thread in waiting where consumes(thread.place, scalar) {
        threads.append(Thread(place: thread.place + 1, groups: thread.groups))
      }
      position += 1
      if threads.isEmpty, found != nil { return found }
    }
  }

  private func consumes(_ place: Int, _ scalar: UInt32) -> Bool {
    switch pattern.program[place] {
    case .scalar(let wanted): scalar == wanted
    case .any: true
    case .set(let number): pattern.sets[number].contains(scalar)
    default: false
    }
  }

  /// Follows a thread to the instructions that want a character, in order of preference. Gives the
  /// groups when it reaches the end of the expression; what would come behind that no longer counts.
  private mutating func enter(
    _ thread: Thread, at position: Int, _ whole: Bool, _ list: inout [Thread]
  ) throws(PeerChartError) -> [Int]? {
    var stack = [thread]
    var steps = 0
    while var current = stack.popLast() {
      guard entered[current.place] != generation else { continue }
      entered[current.place] = generation
      steps += 1
      switch pattern.program[current.place] {
      case .scalar, .any, .set: list.append(current)
      case .jump(let target): stack.append(Thread(place: target, groups: current.groups))
      case .split(let first, let second):
        stack.append(Thread(place: second, groups: current.groups))
        stack.append(Thread(place: first, groups: current.groups))
      case .save(let slot):
        if captures { current.groups[slot] = position }
        stack.append(Thread(place: current.place + 1, groups: current.groups))
      case .match:
        guard !whole || position == scalars.count else { continue }
        try budget.charge(1 + steps / 4)
        return current.groups
      case .textStart where position == 0,
        .textEnd where position == scalars.count,
        .wordBoundary where isBoundary(position),
        .noWordBoundary where !isBoundary(position):
        stack.append(Thread(place: current.place + 1, groups: current.groups))
      case .textStart, .textEnd, .wordBoundary, .noWordBoundary: break
      }
    }
    try budget.charge(1 + steps / 4)
    return nil
  }

  private func isBoundary(_ position: Int) -> Bool {
    let before = position > 0 && ScalarSet.word.contains(scalars[position - 1])
    let behind = position < scalars.count && ScalarSet.word.contains(scalars[position])
    return before != behind
  }

  /// The text with each match replaced; `$1` and `${name}` in the substitution stand for groups.
  mutating func replacingAll(with substitution: String) throws(PeerChartError) -> String {
    let template = Array(substitution.unicodeScalars)
    var output = ""
    var position = 0
    while position <= scalars.count, let groups = try search(from: position),
      groups.count > 1, groups[0] >= position, groups[1] >= groups[0]
    {
      append(position..<groups[0], to: &output)
      try expand(template, groups, to: &output)
      try budget.charge(text: output.utf8.count)
      position = groups[1]
      if groups[1] == groups[0] {
        guard position < scalars.count else { return output }
        append(position..<position + 1, to: &output)
        position += 1
      }
    }
    append(min(position, scalars.count)..<scalars.count, to: &output)
    return output
  }

  private func append(_ range: Range<Int>, to output: inout String) {
    for value in scalars[range] {
      output.unicodeScalars.append(Unicode.Scalar(value) ?? "\u{FFFD}")
    }
  }

  private func expand(
    _ template: [Unicode.Scalar], _ groups: [Int], to output: inout String
  ) throws(PeerChartError) {
    var index = 0
    while index < template.count {
      let scalar = template[index]
      index += 1
      if scalar == "\\", index < template.count {
        output.unicodeScalars.append(template[index])
        index += 1
      } else if scalar == "$", index < template.count,
        let number = group(template, &index), number < pattern.groupCount
      {
        let start = groups[2 * number]
        let end = groups[2 * number + 1]
        if start >= 0, end >= start {
          try budget.charge(text: output.utf8.count + end - start)
          append(start..<end, to: &output)
        }
      } else {
        output.unicodeScalars.append(scalar)
      }
    }
  }

  /// The group that the template names behind a dollar sign.
  private func group(_ template: [Unicode.Scalar], _ index: inout Int) -> Int? {
    if let digit = Character(template[index]).wholeNumberValue {
      index += 1
      return digit
    }
    guard template[index] == "{", let end = template[index...].firstIndex(of: "}") else {
      return nil
    }
    let name = String(decoding: template[index + 1..<end].map(\.value), as: UTF32.self)
    guard let number = pattern.groupNames[name] ?? Int(name), number >= 0 else { return nil }
    index = end + 1
    return number
  }
}
