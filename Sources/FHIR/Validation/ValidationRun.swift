/// One validation: the walk over a resource by the rules of R4, and again by each profile.
final class ValidationRun {
  let structures = StructureTable.r4
  let profiles = ProfileTable.standard
  let codes = CodeTable.standard
  let invariants = InvariantTable.standard
  private let invariantCheck: InvariantCheck
  let usesClaimedProfiles: Bool
  var issues: IssueCollector
  /// The canonical URL of the profile whose rules are being checked.
  var profile: String?
  /// Targets of references are looked at one deep: the target of a target is its own affair.
  var isFollowing = false

  init(limits: ResourceValidator.Limits, usesClaimedProfiles: Bool) {
    issues = IssueCollector(limits)
    self.usesClaimedProfiles = usesClaimedProfiles
    invariantCheck = InvariantCheck(steps: limits.maximumSteps)
  }

  func validate(_ resource: JSONValue, profiles: [String]) {
    let name = resource["resourceType"]?.string ?? ""
    let place = ValidationPlace(root: ResourceType.isKnown(name) ? name : "Resource")
    let element = ValidationElement(resource: resource, place: place)
    checkResource(element, container: nil, bundle: nil, profiles: profiles)
    if issues.stepsLeft == 0 {
      // Not by `add`, which a full list of errors would turn away.
      issues.conclude(
        ValidationIssue(
          severity: .error, kind: .tooCostly, expression: place.text,
          text: "validation takes more steps than are allowed; the rest was not looked at",
          key: nil, profile: nil))
    }
    if invariantCheck.isExhausted {
      add(
        .warning, .tooCostly,
        "the invariants take more steps than are allowed; some were not looked at", at: place)
    }
  }

  /// Adds an issue at a place.
  func add(
    _ severity: ValidationIssue.Severity, _ kind: ValidationIssue.Kind, _ text: String,
    at place: ValidationPlace, key: String? = nil
  ) {
    issues.add(
      ValidationIssue(
        severity: severity, kind: kind, expression: place.text, text: text, key: key,
        profile: profile))
  }

  func error(
    _ kind: ValidationIssue.Kind, _ text: String, at place: ValidationPlace, key: String? = nil
  ) {
    add(.error, kind, text, at: place, key: key)
  }

  /// Runs `body` on the side; returns what it found and whether there were errors.
  func attempt(_ body: () -> Void) -> IssueCollector {
    let outer = issues
    issues = outer.trial()
    body()
    let trial = issues
    issues = outer
    return trial
  }

  /// Issues for those of some invariants that an element breaks.
  func check(_ ids: [String], of element: ValidationElement, in context: ValidationContext) {
    for id in ids {
      guard issues.step(), let invariant = invariants.invariant(id),
        !invariantCheck.holds(invariant.expression, for: element, in: context)
      else { continue }
      add(invariant.severity, .invariant, invariant.text, at: element.place, key: invariant.key)
    }
  }
}
