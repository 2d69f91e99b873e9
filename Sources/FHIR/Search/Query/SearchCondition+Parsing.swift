import Primitives

/// Reads the names of criteria, with chains and `_has`, for one parameter of a query.
struct SearchConditionReader {
  /// What became of a name: a type may simply not have that parameter.
  enum Outcome {
    case condition(SearchCondition)
    case unknown
  }

  let value: String
  /// Conditions that were made so far: a chain through references to any type branches into many.
  private var branches = 0

  init(value: String) { self.value = value }

  /// - Throws: `invalid` for what is known and makes no sense.
  mutating func read(
    _ name: Substring, of type: String, depth: Int = 0
  ) throws(PeerChartError) -> Outcome {
    branches += 1
    guard branches <= SearchLimits.chainBranches else {
      throw PeerChartError(
        .invalid, "the chain leads to too many types: name them, as in subject:Patient.name")
    }
    if name.hasPrefix("_has:") { return try readHas(name.dropFirst(5), depth) }
    let dot = name.firstIndex(of: ".")
    let head = name[..<(dot ?? name.endIndex)]
    let parts = head.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let plain = parts.first,
      let parameter = SearchParameterTable.standard.parameter(plain, of: type)
    else { return .unknown }
    let modifier = parts.count > 1 ? String(parts[1]) : nil
    guard let dot else {
      return .condition(
        .criterion(try SearchCriterion(parameter, of: type, modifier: modifier, value: value)))
    }
    return .condition(
      .chain(
        try readChain(
          parameter, of: type, to: modifier, rest: name[name.index(after: dot)...], depth)))
  }

  private mutating func readChain(
    _ parameter: SearchParameter, of type: String, to target: String?, rest: Substring, _ depth: Int
  ) throws(PeerChartError) -> SearchChain {
    guard parameter.kind == .reference else {
      throw PeerChartError(.invalid, "only references can be chained")
    }
    try Self.check(depth)
    var types = parameter.targets.isEmpty ? ResourceType.names.sorted() : parameter.targets
    if let target {
      guard types.contains(target) else {
        throw PeerChartError(.invalid, "the reference does not lead to resources of that type")
      }
      types = [target]
    }
    var found: [SearchChain.Branch] = []
    var fault: PeerChartError?
    for type in types {
      do {
        if case .condition(let condition) = try read(rest, of: type, depth: depth + 1) {
          found.append(SearchChain.Branch(type: type, condition: condition))
        }
      } catch {
        guard branches <= SearchLimits.chainBranches else { throw error }
        // A value may suit the parameter of one type and not that of the same name of another.
        fault = fault ?? error
      }
    }
    if found.isEmpty {
      throw fault ?? PeerChartError(.invalid, "what it refers to has no such search parameter")
    }
    return SearchChain(resourceType: type, reference: parameter, branches: found)
  }

  /// `Observation:patient:code`, behind `_has:`.
  private mutating func readHas(
    _ name: Substring, _ depth: Int
  ) throws(PeerChartError) -> Outcome {
    try Self.check(depth)
    let parts = name.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, ResourceType.isKnown(parts[0]) else {
      throw PeerChartError(.invalid, "_has wants Type:reference:parameter")
    }
    let source = String(parts[0])
    guard let reference = SearchParameterTable.standard.parameter(parts[1], of: source),
      reference.kind == .reference
    else {
      throw PeerChartError(.invalid, "that type has no such reference")
    }
    guard case .condition(let condition) = try read(parts[2], of: source, depth: depth + 1) else {
      throw PeerChartError(.invalid, "that type has no such search parameter")
    }
    return .condition(
      .has(
        SearchReverseChain(sourceType: source, reference: reference, condition: condition)))
  }

  private static func check(_ depth: Int) throws(PeerChartError) {
    guard depth < SearchLimits.chainDepth else {
      throw PeerChartError(.invalid, "more than \(SearchLimits.chainDepth) links in a chain")
    }
  }
}
