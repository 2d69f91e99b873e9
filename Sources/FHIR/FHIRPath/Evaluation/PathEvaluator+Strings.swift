import Primitives

extension PathEvaluator {
  /// Functions of strings (FHIRPath 2.0, 5.6). Places and lengths count Unicode scalars.
  func strings(
    _ function: FHIRPathFunction, _ node: PathNode, _ input: FHIRPathCollection,
    _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    if case .join = function { return try joined(node, input, scope) }
    guard let item = try single(input, node) else { return .empty }
    guard let text = stringValue(item) else {
      // A primitive that has only extensions is as good as empty.
      if let element = item.element, element.isPrimitive, element.scalar == nil { return .empty }
      throw fault(node, "a string is missing here")
    }
    try budget.charge(text: text.utf8.count)
    switch function {
    case .length: return integer(text.unicodeScalars.count)
    case .upper: return FHIRPathCollection(.string(text.uppercased()))
    case .lower: return FHIRPathCollection(.string(text.lowercased()))
    case .trim: return FHIRPathCollection(.string(Self.trimmed(text)))
    case .toChars:
      try budget.check(items: text.unicodeScalars.count)
      return FHIRPathCollection(text.unicodeScalars.map { .string(String($0)) })
    case .substring: return try substring(text, node, scope)
    case .matches, .matchesFull:
      guard var matcher = try matcher(text, node, scope, captures: false) else { return .empty }
      return result(try matcher.isFound(whole: function == .matchesFull))
    case .replaceMatches:
      guard var matcher = try matcher(text, node, scope, captures: true),
        let substitution = try string(node.operands[2], scope)
      else { return .empty }
      return FHIRPathCollection(.string(try matcher.replacingAll(with: substitution)))
    default: break
    }
    guard let other = try string(node.operands[1], scope) else { return .empty }
    switch function {
    case .startsWith: return result(Self.starts(text.utf8, with: other.utf8))
    case .endsWith: return result(Self.starts(text.utf8.reversed(), with: other.utf8.reversed()))
    case .contains: return result(try place(of: other, in: text, fromEnd: false) != nil)
    case .indexOf: return integer(try place(of: other, in: text, fromEnd: false) ?? -1)
    case .lastIndexOf: return integer(try place(of: other, in: text, fromEnd: true) ?? -1)
    case .split:
      let parts = try split(text, other)
      return FHIRPathCollection(parts.map { .string($0) })
    default:
      guard let new = try string(node.operands[2], scope) else { return .empty }
      return FHIRPathCollection(.string(try replaced(text, other, new)))
    }
  }

  private func integer(_ value: Int) -> FHIRPathCollection {
    FHIRPathCollection(.integer(Int32(clamping: value)))
  }

  private static func starts(
    _ text: some Sequence<UInt8>, with other: some Sequence<UInt8>
  ) -> Bool {
    text.starts(with: other)
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }

  private func substring(
    _ text: String, _ node: PathNode, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    guard let start = try integer(node.operands[1], scope) else { return .empty }
    var count: Int32?
    if node.operands.count > 2 {
      // An empty length counts as none given.
      count = try integer(node.operands[2], scope)
    }
    let scalars = text.unicodeScalars
    guard start >= 0,
      let from = scalars.index(
        scalars.startIndex, offsetBy: Int(start), limitedBy: scalars.endIndex),
      from < scalars.endIndex
    else { return .empty }
    guard let count else { return FHIRPathCollection(.string(String(scalars[from...]))) }
    let until =
      scalars.index(from, offsetBy: Int(max(0, count)), limitedBy: scalars.endIndex)
      ?? scalars.endIndex
    return FHIRPathCollection(.string(String(scalars[from..<until])))
  }

  private func matcher(
    _ text: String, _ node: PathNode, _ scope: PathScope, captures: Bool
  ) throws(PeerChartError) -> PatternMatcher? {
    if let pattern = node.pattern {
      return try PatternMatcher(pattern, text, captures: captures, budget: budget)
    }
    guard let expression = try string(node.operands[1], scope) else { return nil }
    let pattern = try PathPattern(expression)
    try budget.charge(pattern.program.count)
    return try PatternMatcher(pattern, text, captures: captures, budget: budget)
  }

  // MARK: Searching

  /// The scalars before the first or last place of a text in another one; nil where it is nowhere.
  private func place(
    of other: String, in text: String, fromEnd: Bool
  ) throws(PeerChartError) -> Int? {
    let places = try ranges(of: Array(other.utf8), in: Array(text.utf8), onlyFirst: !fromEnd)
    guard let place = fromEnd ? places.last : places.first else { return nil }
    return text.utf8.prefix(place).reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
  }

  /// Where a text begins in another one, in bytes and without overlaps; by its failure function, so
  /// that the time is linear.
  private func ranges(
    of wanted: [UInt8], in text: [UInt8], onlyFirst: Bool
  ) throws(PeerChartError) -> [Int] {
    guard !wanted.isEmpty else { return [0] }
    try budget.charge(text: wanted.count + text.count)
    var fallback = Array(repeating: 0, count: wanted.count)
    var length = 0
    for index in wanted.indices.dropFirst() {
      while length > 0, wanted[index] != wanted[length] { length = fallback[length - 1] }
      if wanted[index] == wanted[length] { length += 1 }
      fallback[index] = length
    }
    var places: [Int] = []
    length = 0
    for (index, byte) in text.enumerated() {
      while length > 0, byte != wanted[length] { length = fallback[length - 1] }
      if byte == wanted[length] { length += 1 }
      if length == wanted.count {
        places.append(index + 1 - length)
        length = 0
        if onlyFirst { break }
      }
    }
    return places
  }

  private func split(_ text: String, _ separator: String) throws(PeerChartError) -> [String] {
    guard !separator.isEmpty else {
      try budget.check(items: text.unicodeScalars.count)
      return text.unicodeScalars.map { String($0) }
    }
    let bytes = Array(text.utf8)
    let places = try ranges(of: Array(separator.utf8), in: bytes, onlyFirst: false)
    try budget.check(items: places.count + 1)
    var parts: [String] = []
    var start = 0
    for place in places {
      parts.append(String(decoding: bytes[start..<place], as: UTF8.self))
      start = place + separator.utf8.count
    }
    parts.append(String(decoding: bytes[start...], as: UTF8.self))
    return parts
  }

  private func replaced(
    _ text: String, _ old: String, _ new: String
  ) throws(PeerChartError) -> String {
    let parts: [String]
    if old.isEmpty {
      // An empty pattern is found around every character (FHIRPath 2.0, 5.6.8).
      parts = [""] + text.unicodeScalars.map { String($0) } + [""]
    } else {
      parts = try split(text, old)
    }
    let (added, overflow) = new.utf8.count.multipliedReportingOverflow(by: parts.count)
    try budget.charge(text: overflow ? Int.max : text.utf8.count + min(added, Int.max / 2))
    return parts.joined(separator: new)
  }

  private func joined(
    _ node: PathNode, _ input: FHIRPathCollection, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    let separator = node.operands.count > 1 ? try string(node.operands[1], scope) ?? "" : ""
    guard !input.isEmpty else { return .empty }
    var text = ""
    for (index, item) in input.enumerated() {
      guard let part = stringValue(item) else { throw fault(node, "only strings can be joined") }
      try budget.charge(text: text.utf8.count + separator.utf8.count + part.utf8.count)
      if index > 0 { text += separator }
      text += part
    }
    return FHIRPathCollection(.string(text))
  }
}
