import Primitives

/// One parameter of a query with its alternatives: `date=ge2020`, `code=a,b`, `name:exact=Li`.
public struct SearchCriterion: Sendable {
  public let parameter: SearchParameter
  let condition: Condition

  /// What must hold; of a list, at least one.
  enum Condition: Hashable, Sendable {
    case missing(Bool)
    case tokens([TokenCondition])
    /// No value of the resource matches any of these (`:not`).
    case noneOf([TokenCondition])
    case references([ReferenceCondition])
    case dates([DateCondition])
    case strings([SearchText], StringComparison)
  }

  /// Reads a value for a parameter.
  ///
  /// - Throws: `invalid` for a modifier that is not offered or not meant for this kind, for a value
  ///   that does not fit it, and beyond the bounds of `SearchLimits`.
  init(
    _ parameter: SearchParameter, modifier: String?, value: String
  ) throws(PeerChartError) {
    self.parameter = parameter
    if modifier == "missing" {
      condition = .missing(try Self.boolean(value))
      return
    }
    let texts = try Self.alternatives(in: value)
    switch (parameter.kind, modifier) {
    case (.token, nil): condition = .tokens(try Self.tokens(texts, parameter))
    case (.token, "not"): condition = .noneOf(try Self.tokens(texts, parameter))
    case (.reference, nil):
      condition = .references(try texts.map(ReferenceCondition.init(parsing:)))
    case (.date, nil): condition = .dates(try texts.map(DateCondition.init(parsing:)))
    case (.string, nil): condition = .strings(try Self.strings(texts), .prefix)
    case (.string, "exact"): condition = .strings(try Self.strings(texts), .exact)
    case (.string, "contains"): condition = .strings(try Self.strings(texts), .contains)
    default:
      throw PeerChartError(
        .invalid, "this modifier is not offered for \(parameter.kind.rawValue) parameters")
    }
  }

  private static func boolean(_ value: String) throws(PeerChartError) -> Bool {
    switch value {
    case "true": return true
    case "false": return false
    default: throw PeerChartError(.invalid, ":missing is true or false")
    }
  }

  /// Splits at commas that no backslash protects. The escapes stay: a token has bars to tell apart.
  private static func alternatives(in value: String) throws(PeerChartError) -> [EscapedText] {
    // Before any work: what cannot fit is not even split.
    guard value.utf8.count <= SearchLimits.alternatives * 64 + SearchLimits.valueBytes else {
      throw PeerChartError(.invalid, "the value is too long")
    }
    let texts = EscapedText(value).split(at: ",")
    guard texts.count <= SearchLimits.alternatives else {
      throw PeerChartError(.invalid, "more than \(SearchLimits.alternatives) alternatives")
    }
    for text in texts {
      guard text.count <= SearchLimits.valueBytes else {
        throw PeerChartError(.invalid, "a value longer than \(SearchLimits.valueBytes) bytes")
      }
      guard text.count > 0 else { throw PeerChartError(.invalid, "an empty value") }
    }
    return texts
  }

  private static func tokens(
    _ texts: [EscapedText], _ parameter: SearchParameter
  ) throws(PeerChartError) -> [TokenCondition] {
    try texts.map { text throws(PeerChartError) in
      try TokenCondition(parsing: text, for: parameter)
    }
  }

  private static func strings(_ texts: [EscapedText]) throws(PeerChartError) -> [SearchText] {
    try texts.map { text throws(PeerChartError) in
      let text = SearchText(text.unescaped)
      guard !text.normalized.isEmpty else {
        throw PeerChartError(.invalid, "a value without letters or digits")
      }
      return text
    }
  }
}
