import Primitives

/// One alternative of a token parameter (R4 3.1.1.4.10).
struct TokenCondition: Hashable {
  enum System: Hashable {
    /// `code`: whatever the system.
    case any
    /// `|code`: only codes without a system.
    case none
    case exactly(String)
  }

  let system: System
  /// Nil in `system|`: any code of the system.
  let code: String?

  init(parsing text: EscapedText, for parameter: SearchParameter) throws(PeerChartError) {
    let parts = text.split(at: "|", maximum: 1).map(\.unescaped)
    let code = parts.last ?? ""
    if parts.count == 1 {
      system = .any
    } else if let name = parts.first, !name.isEmpty {
      system = .exactly(name)
    } else {
      system = .none
    }
    guard !code.isEmpty || parts.count > 1 && system != .none else {
      throw PeerChartError(.invalid, "a token without a code")
    }
    self.code = code.isEmpty ? nil : parameter.folded(code)
  }

  func matches(_ value: TokenValue) -> Bool {
    if let code, !code.isIdentical(to: value.code) { return false }
    if value.isImplied { return code != nil }
    switch system {
    case .any: return true
    case .none: return value.system == nil
    case .exactly(let name): return value.system?.isIdentical(to: name) ?? false
    }
  }
}

/// One alternative of a reference parameter (R4 3.1.1.4.12).
enum ReferenceCondition: Hashable {
  /// `id`: a reference to this server, to any type that the parameter allows.
  case id(String)
  case target(ReferenceTarget)
  case other(String)

  init(parsing text: EscapedText) throws(PeerChartError) {
    let text = text.unescaped
    if Resource.isValidID(text) {
      self = .id(text)
    } else if let target = ReferenceTarget(parsing: text) {
      self = .target(target)
    } else if text.contains(":"), text.utf8.allSatisfy({ $0 > 0x20 }) {
      self = .other(text)
    } else {
      throw PeerChartError(.invalid, "not an id, a Type/id or a URL")
    }
  }

  func matches(_ value: ReferenceValue, _ parameter: SearchParameter) -> Bool {
    switch (self, value) {
    case (.id(let id), .target(let target)):
      target.base == nil && target.id.isIdentical(to: id)
        && (parameter.targets.isEmpty || parameter.targets.contains(target.type))
    case (.target(let wanted), .target(let target)):
      wanted.unversioned.isIdentical(to: target.unversioned)
        && (wanted.version == nil || wanted.version == target.version)
    case (.other(let wanted), .other(let url)): wanted.isIdentical(to: url)
    default: false
    }
  }
}

/// One alternative of a date parameter: a prefix and the interval that the value stands for.
struct DateCondition: Hashable {
  /// The prefixes of R4 3.1.1.3.3.
  enum Prefix: String {
    case equal = "eq"
    case notEqual = "ne"
    case greater = "gt"
    case less = "lt"
    case greaterOrEqual = "ge"
    case lessOrEqual = "le"
    case startsAfter = "sa"
    case endsBefore = "eb"
    case approximately = "ap"
  }

  let prefix: Prefix
  let interval: DateInterval

  init(parsing text: EscapedText) throws(PeerChartError) {
    let text = text.unescaped
    let letters = text.prefix { $0.isLetter }
    let prefix = letters.isEmpty ? .equal : Prefix(rawValue: String(letters))
    guard let prefix else { throw PeerChartError(.invalid, "an unknown prefix of a date") }
    guard let interval = DateInterval(parsing: String(text.dropFirst(letters.count))) else {
      throw PeerChartError(.invalid, "not a date or time that exists")
    }
    self.prefix = prefix
    self.interval = interval
  }

  /// Compares ranges as R4 3.1.1.3.3 lays down: `value` is the target, `interval` the search value.
  func matches(_ value: DateInterval) -> Bool {
    switch prefix {
    case .equal: interval.contains(value)
    case .notEqual: !interval.contains(value)
    case .greater: value.end > interval.end
    case .less: value.start < interval.start
    case .greaterOrEqual: value.end > interval.end || interval.contains(value)
    case .lessOrEqual: value.start < interval.start || interval.contains(value)
    case .startsAfter: value.start >= interval.end
    case .endsBefore: value.end <= interval.start
    case .approximately: widened.overlaps(value)
    }
  }

  /// R4 leaves the width of `ap` to the server: here the value's own length on either side, but a day
  /// at least. Not a share of the time until now, so that a query has one meaning for ever.
  private var widened: DateInterval {
    let margin = max(interval.end - interval.start, 86_400_000)
    return DateInterval(start: interval.start - margin, end: interval.end + margin)
  }

  /// What every match overlaps; nil where that is anything.
  var envelope: DateInterval? {
    switch prefix {
    case .equal: interval
    case .notEqual: nil
    case .greater, .startsAfter: DateInterval(start: interval.end, end: DateInterval.end)
    case .less, .endsBefore: DateInterval(start: DateInterval.beginning, end: interval.start)
    case .greaterOrEqual: DateInterval(start: interval.start, end: DateInterval.end)
    case .lessOrEqual: DateInterval(start: DateInterval.beginning, end: interval.end)
    case .approximately: widened
    }
  }
}

/// How a string parameter compares (R4 3.1.1.4.8).
enum StringComparison: Hashable {
  /// The value begins a word of the text.
  case prefix
  /// The same text, with case and accents.
  case exact
  /// The value is somewhere in the text.
  case contains

  func matches(_ wanted: SearchText, _ text: SearchText) -> Bool {
    switch self {
    case .prefix: text.tails.contains { $0.utf8.starts(with: wanted.normalized.utf8) }
    case .exact: text.original.isIdentical(to: wanted.original)
    case .contains: text.normalized.utf8.contains(wanted.normalized.utf8)
    }
  }
}
