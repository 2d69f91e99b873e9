import Primitives

/// One `_include` or `_revinclude` of a query (R4 3.1.1.5.5).
public struct SearchInclude: Hashable, Sendable {
  /// Whether resources are added that the matches refer to, or that refer to the matches.
  public enum Direction: Sendable { case forward, reverse }

  public let direction: Direction
  /// The type of the resources that have the reference; nil for every type (`_include=*`).
  public let sourceType: String?
  /// Their reference parameter; nil for all of them (`*`).
  public let parameter: SearchParameter?
  /// The type that must be referred to; nil for any.
  public let targetType: String?
  /// `:iterate`: also from what was included, over and over. Whoever follows must remember what has
  /// been included, since references run in circles, and stop at a bound.
  public let iterates: Bool

  /// Reads `Type:parameter[:Target]`, `Type:*` or `*`.
  init(
    parsing text: String, _ direction: Direction, iterates: Bool, of type: String
  ) throws(PeerChartError) {
    self.direction = direction
    self.iterates = iterates
    if text == "*" {
      guard direction == .forward else {
        throw PeerChartError(.invalid, "_revinclude needs the type: Type:* or Type:parameter")
      }
      (sourceType, parameter, targetType) = (iterates ? nil : type, nil, nil)
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard (2...3).contains(parts.count), ResourceType.isKnown(parts[0]) else {
      throw PeerChartError(.invalid, "an include is Type:parameter or Type:parameter:Target")
    }
    sourceType = parts[0]
    targetType = parts.count == 3 ? parts[2] : nil
    if let targetType, !ResourceType.isKnown(targetType) {
      throw PeerChartError(.invalid, "the target is no resource type of FHIR R4")
    }
    if parts[1] == "*" {
      parameter = nil
      return
    }
    guard let found = SearchParameterTable.standard.parameter(parts[1], of: parts[0]),
      found.kind == .reference
    else { throw PeerChartError(.invalid, "that type has no such reference") }
    if let targetType, !found.targets.isEmpty, !found.targets.contains(targetType) {
      throw PeerChartError(.invalid, "the parameter does not refer to resources of that type")
    }
    parameter = found
  }

  /// The reference parameters that are followed from a type; none from types it does not speak of.
  public func parameters(of type: String) -> [SearchParameter] {
    guard sourceType == nil || sourceType == type else { return [] }
    if let parameter { return [parameter] }
    return SearchParameterTable.standard.parameters(of: type).filter { $0.kind == .reference }
  }

  /// The resources on this server that a resource refers to so; of a reverse include, the matches that
  /// would draw it in.
  public func targets(in resource: Resource) -> [ReferenceTarget] {
    var found: [ReferenceTarget] = []
    var seen: Set<ReferenceTarget> = []
    for parameter in parameters(of: resource.type) {
      for target in parameter.localTargets(in: resource)
      where (targetType == nil || targetType == target.type) && seen.insert(target).inserted {
        found.append(target)
      }
    }
    return found
  }

  /// Of a reverse include: terms of which every resource of `sourceType` that refers to `target` so has
  /// one; nil where the index cannot tell. Empty where `target` cannot be referred to.
  public func terms(for target: ReferenceTarget) -> [IndexTerm]? {
    guard let sourceType else { return nil }
    guard targetType == nil || targetType == target.type else { return [] }
    var all: [IndexTerm] = []
    for parameter in parameters(of: sourceType)
    where parameter.targets.isEmpty || parameter.targets.contains(target.type) {
      guard let terms = parameter.terms(in: sourceType, for: target) else { return nil }
      all += terms
    }
    return all
  }
}
