import Primitives

/// Reads a regular expression.
struct PatternParser {
  private let scalars: [UInt32]
  private var index = 0
  private var depth = 0
  private(set) var sets: [ScalarSet] = []
  private(set) var groupCount = 1
  private(set) var groupNames: [String: Int] = [:]

  /// More repetitions than this are refused; the program would be too long.
  private static let maximumCount = 2000

  init(_ text: String) { scalars = text.unicodeScalars.map(\.value) }

  mutating func parse() throws(PeerChartError) -> PatternTree {
    let tree = try alternatives()
    guard index == scalars.count else { throw fault("a parenthesis is open or closed too much") }
    return tree
  }

  private func fault(_ reason: String) -> PeerChartError {
    PeerChartError(.malformed, "the regular expression is faulty: \(reason)")
  }

  private func unsupported(_ what: String) -> PeerChartError {
    PeerChartError(.notSupported, "regular expressions here have no \(what)")
  }

  private func peek(_ offset: Int = 0) -> UInt32? {
    index + offset < scalars.count ? scalars[index + offset] : nil
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == character.value else { return false }
    index += 1
    return true
  }

  private mutating func next() -> UInt32? {
    guard let scalar = peek() else { return nil }
    index += 1
    return scalar
  }

  private mutating func alternatives() throws(PeerChartError) -> PatternTree {
    depth += 1
    defer { depth -= 1 }
    guard depth <= PathPattern.maximumDepth else {
      throw PeerChartError(.tooLarge, "the regular expression is nested deeper than is allowed")
    }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(PeerChartError) -> PatternTree {
    var parts: [PatternTree] = []
    while let scalar = peek(), scalar != 0x7C, scalar != 0x29 {
      parts.append(try repeated())
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func repeated() throws(PeerChartError) -> PatternTree {
    var tree = try atom()
    var count = 0
    while let (least, most) = try quantifier() {
      count += 1
      // `a**` means nothing more than `a*`, but each level would deepen the tree.
      guard count <= 4 else { throw fault("quantifiers in a row") }
      let isGreedy = !take("?")
      if isGreedy, peek() == 0x2B { throw unsupported("possessive quantifiers") }
      tree = .repeated(tree, least: least, most: most, isGreedy: isGreedy)
    }
    return tree
  }

  private mutating func quantifier() throws(PeerChartError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard peek() == 0x7B, let digit = peek(1), (0x30...0x39).contains(digit) else { return nil }
    index += 1
    let least = try count()
    var most: Int? = least
    if take(",") { most = peek() == 0x7D ? nil : try count() }
    guard take("}") else { throw fault("a brace without an end") }
    if let most, most < least { throw fault("a count the wrong way round") }
    return (least, most)
  }

  private mutating func count() throws(PeerChartError) -> Int {
    var value = 0
    var digits = 0
    while let digit = peek(), (0x30...0x39).contains(digit) {
      index += 1
      digits += 1
      value = min(value * 10 + Int(digit - 0x30), Self.maximumCount + 1)
    }
    guard digits > 0 else { throw fault("a count is missing") }
    guard value <= Self.maximumCount else {
      throw PeerChartError(.tooLarge, "the regular expression is larger than is allowed")
    }
    return value
  }

  private mutating func atom() throws(PeerChartError) -> PatternTree {
    guard let scalar = next() else { return .empty }
    switch Unicode.Scalar(scalar) {
    case "(": return try group()
    case "[": return set(try brackets())
    case ".": return .one(.any)
    case "^": return .one(.textStart)
    case "$": return .one(.textEnd)
    case "*", "+", "?": throw fault("nothing to repeat")
    case "\\": return try escape()
    default: return .one(.scalar(scalar))
    }
  }

  private mutating func group() throws(PeerChartError) -> PatternTree {
    var number: Int?
    if take("?") {
      if take(":") {
        number = nil
      } else if take("<"), peek() != 0x3D, peek() != 0x21 {
        number = groupCount
        groupNames[try groupName()] = groupCount
      } else {
        throw unsupported("look-around, flags and references")
      }
    } else {
      number = groupCount
    }
    if number != nil {
      groupCount += 1
      guard groupCount <= 100 else {
        throw PeerChartError(.tooLarge, "the regular expression has too many groups")
      }
    }
    let inner = try alternatives()
    guard take(")") else { throw fault("a parenthesis without an end") }
    return number.map { .group($0, inner) } ?? inner
  }

  private mutating func groupName() throws(PeerChartError) -> String {
    var name = ""
    while let scalar = next() {
      if scalar == 0x3E, !name.isEmpty { return name }
      guard ScalarSet.word.contains(scalar), let character = Unicode.Scalar(scalar) else { break }
      name.unicodeScalars.append(character)
    }
    throw fault("a group's name")
  }

  private mutating func set(_ set: ScalarSet) -> PatternTree {
    sets.append(set)
    return .one(.set(sets.count - 1))
  }

  private mutating func escape() throws(PeerChartError) -> PatternTree {
    if take("b") { return .one(.wordBoundary) }
    if take("B") { return .one(.noWordBoundary) }
    if take("A") { return .one(.textStart) }
    if take("z") || take("Z") { return .one(.textEnd) }
    if let digit = peek(), (0x31...0x39).contains(digit) { throw unsupported("references back") }
    if let found = try classEscape() { return set(found) }
    return .one(.scalar(try characterEscape()))
  }

  /// `\d`, `\W`, `\p{Lu}`.
  private mutating func classEscape() throws(PeerChartError) -> ScalarSet? {
    guard let scalar = peek() else { throw fault("a backslash at the end") }
    var found: ScalarSet
    switch Unicode.Scalar(scalar) {
    case "d", "D": found = .digits
    case "w", "W": found = .word
    case "s", "S": found = .space
    case "p", "P":
      index += 1
      found = ScalarSet(categories: [try category()])
      found.isNegated = scalar == 0x50
      return found
    default: return nil
    }
    index += 1
    found.isNegated = (0x41...0x5A).contains(scalar)
    return found
  }

  private mutating func category() throws(PeerChartError) -> String {
    var name = ""
    guard take("{") else { throw fault("a category's name is missing") }
    while let scalar = next(), scalar != 0x7D {
      guard name.utf8.count < 3, let character = Unicode.Scalar(scalar) else { break }
      name.unicodeScalars.append(character)
    }
    guard ScalarSet.categoryNames.contains(name) else {
      throw unsupported("category of that name")
    }
    return name
  }

  /// The character behind a backslash.
  private mutating func characterEscape() throws(PeerChartError) -> UInt32 {
    guard let scalar = next() else { throw fault("a backslash at the end") }
    switch Unicode.Scalar(scalar) {
    case "n": return 0x0A
    case "r": return 0x0D
    case "t": return 0x09
    case "f": return 0x0C
    case "v": return 0x0B
    case "x": return try hexadecimal(2)
    case "u": return try hexadecimal(4)
    default:
      // A letter that means something elsewhere must not silently mean itself here.
      let isWord = ScalarSet.word.contains(scalar)
      guard !isWord || scalar == 0x5F else { throw unsupported("such escape") }
      return scalar
    }
  }

  private mutating func hexadecimal(_ digits: Int) throws(PeerChartError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let scalar = next().flatMap(Unicode.Scalar.init),
        let digit = Character(scalar).hexDigitValue
      else { throw fault("hexadecimal digits are missing") }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// What stands between brackets, the first of which has been read.
  private mutating func brackets() throws(PeerChartError) -> ScalarSet {
    var found = ScalarSet()
    found.isNegated = take("^")
    var isFirst = true
    while let scalar = peek() {
      if scalar == 0x5D, !isFirst {
        index += 1
        return found
      }
      isFirst = false
      // Each character of a text is compared with all of them.
      guard found.ranges.count + found.complements.count < 200 else {
        throw PeerChartError(.tooLarge, "the regular expression is larger than is allowed")
      }
      guard let low = try bracketItem(into: &found) else { continue }
      guard peek() == 0x2D, let after = peek(1), after != 0x5D else {
        found.ranges.append(low...low)
        continue
      }
      index += 1
      guard let high = try bracketItem(into: &found) else {
        // `[a-\d]`: the hyphen means itself.
        found.ranges += [low...low, 0x2D...0x2D]
        continue
      }
      guard low <= high else { throw fault("a range the wrong way round") }
      found.ranges.append(low...high)
    }
    throw fault("a bracket without an end")
  }

  /// One character; nil where it was a class, which is put into the set.
  private mutating func bracketItem(
    into found: inout ScalarSet
  ) throws(PeerChartError) -> UInt32? {
    guard let scalar = next() else { throw fault("a bracket without an end") }
    guard scalar == 0x5C else { return scalar }
    if let inner = try classEscape() {
      found.insert(inner)
      return nil
    }
    if take("b") { return 0x08 }
    return try characterEscape()
  }
}
