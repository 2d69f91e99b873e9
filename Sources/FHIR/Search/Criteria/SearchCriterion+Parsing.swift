import Primitives

extension SearchCriterion {
  /// Reads a value for a parameter of a resource type.
  ///
  /// - Throws: `invalid` for a modifier that is not offered or not meant for this kind, for a value
  ///   that does not fit it, and beyond the bounds of `SearchLimits`.
  init(
    _ parameter: SearchParameter, of type: String, modifier: String?, value: String
  ) throws(PeerChartError) {
    resourceType = type
    self.parameter = parameter
    self.modifier = modifier
    if modifier == "missing" {
      condition = .missing(try Self.boolean(value))
      return
    }
    let texts = try Self.alternatives(in: value)
    switch (parameter.kind, modifier) {
    case (.token, "not"): condition = .noneOf(try Self.tokens(texts, parameter.source))
    case (.composite, nil):
      condition = .composite(
        try texts.map { text throws(PeerChartError) in try Self.components(text, parameter) })
    case (.special, nil): condition = .near(try texts.map(NearCondition.init(parsing:)))
    default:
      condition = .some(
        try Self.test(texts, parameter.source, targets: parameter.targets, modifier))
    }
  }

  /// What a value of a simple kind asks for.
  private static func test(
    _ texts: [EscapedText], _ source: SearchSource, targets: [String], _ modifier: String?
  ) throws(PeerChartError) -> ValueTest {
    switch (source.kind, modifier) {
    case (.token, nil): return .tokens(try tokens(texts, source))
    case (.token, "text"): return .texts(try strings(texts))
    case (.token, "of-type"):
      guard source.paths.contains(where: { $0.type == .identifier }) else {
        throw PeerChartError(.invalid, ":of-type is meant for identifiers")
      }
      return .typedIdentifiers(try texts.map(TypedIdentifier.init(parsing:)))
    case (.reference, nil): return .references(try references(texts, targets, nil))
    case (.reference, "identifier"): return .identifiers(try tokens(texts, source))
    case (.reference, let type?) where ResourceType.isKnown(type):
      guard targets.isEmpty || targets.contains(type) else {
        throw PeerChartError(.invalid, "the parameter does not refer to resources of that type")
      }
      return .references(try references(texts, targets, type))
    case (.date, nil): return .dates(try texts.map(DateCondition.init(parsing:)))
    case (.number, nil):
      return .numbers(
        try texts.map { text throws(PeerChartError) in
          try NumberCondition(parsing: text.unescaped)
        })
    case (.quantity, nil): return .quantities(try texts.map(QuantityCondition.init(parsing:)))
    case (.string, nil): return .strings(try strings(texts), .prefix)
    case (.string, "exact"): return .strings(try strings(texts), .exact)
    case (.string, "contains"): return .strings(try strings(texts), .contains)
    case (.uri, nil): return .uris(texts.map { UriCondition(parsing: $0, .same) })
    case (.uri, "below"): return .uris(texts.map { UriCondition(parsing: $0, .below) })
    case (.uri, "above"): return .uris(texts.map { UriCondition(parsing: $0, .above) })
    default: throw PeerChartError(.invalid, refusal(of: modifier ?? "", source.kind))
    }
  }

  /// Why a modifier cannot be had.
  private static func refusal(of modifier: String, _ kind: SearchParameter.Kind) -> String {
    switch (modifier, kind) {
    case ("in", .token), ("not-in", .token):
      ":in and :not-in need a terminology server to expand value sets, which is not offered"
    case ("above", .token), ("below", .token):
      ":above and :below of codes need the hierarchy of their code system, which is not offered"
    case ("above", .reference), ("below", .reference):
      ":above and :below of references need a hierarchy of resources, which is not offered"
    default: "this modifier is not offered for \(kind.rawValue) parameters"
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

  /// One alternative of a composite: a value for each component, joined by `$`.
  private static func components(
    _ text: EscapedText, _ parameter: SearchParameter
  ) throws(PeerChartError) -> [ValueTest] {
    let kinds = parameter.groups.first?.components ?? []
    let parts = text.split(at: "$")
    guard parts.count == kinds.count, parts.allSatisfy({ $0.count > 0 }) else {
      throw PeerChartError(.invalid, "\(kinds.count) values joined by $ are wanted")
    }
    var tests: [ValueTest] = []
    for (part, source) in zip(parts, kinds) {
      tests.append(try test([part], source, targets: [], nil))
    }
    return tests
  }

  private static func tokens(
    _ texts: [EscapedText], _ source: SearchSource
  ) throws(PeerChartError) -> [TokenCondition] {
    let folding = !source.isCaseSensitive
    return try texts.map { text throws(PeerChartError) in
      try TokenCondition(parsing: text, folding: folding)
    }
  }

  private static func references(
    _ texts: [EscapedText], _ targets: [String], _ type: String?
  ) throws(PeerChartError) -> [ReferenceCondition] {
    try texts.map { text throws(PeerChartError) in
      try ReferenceCondition(parsing: text, targets: targets, type: type)
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
