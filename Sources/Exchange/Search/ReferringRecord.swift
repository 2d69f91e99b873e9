import FHIR

/// A record that refers to others, opened once for a request and asked about again and again.
final class ReferringRecord {
  /// Asked more often than this, all that it refers to is listed once: a Provenance has a thousand targets.
  private static let fewQuestions = 4

  let found: FoundRecord
  let resource: Resource
  private var questions: [String: Int] = [:]
  private var targets: [String: Set<ReferenceTarget>] = [:]

  init(_ found: FoundRecord) throws {
    self.found = found
    resource = try found.resource()
  }

  func refers(to target: ReferenceTarget, by parameter: SearchParameter) -> Bool {
    if let known = targets[parameter.name] { return known.contains(target) }
    let count = (questions[parameter.name] ?? 0) + 1
    questions[parameter.name] = count
    guard count > Self.fewQuestions else { return parameter.refers(resource, to: target) }
    let all = Set(parameter.localTargets(in: resource))
    targets[parameter.name] = all
    return all.contains(target)
  }

  /// Whether a reverse include draws it in for a match.
  func isDrawnIn(by target: ReferenceTarget, _ include: SearchInclude) -> Bool {
    (include.targetType == nil || include.targetType == target.type)
      && include.parameters(of: resource.type).contains { refers(to: target, by: $0) }
  }
}
