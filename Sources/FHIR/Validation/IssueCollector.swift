/// Gathers issues up to a limit, each once, and counts the work.
struct IssueCollector {
  private(set) var found: [ValidationIssue] = []
  private var known: Set<ValidationIssue> = []
  private var errors = 0
  private let limit: Int
  private(set) var stepsLeft: Int

  init(_ limits: ResourceValidator.Limits) {
    limit = max(1, limits.maximumIssues)
    stepsLeft = max(1, limits.maximumSteps)
  }

  /// Whether anything more is worth looking for.
  var isOpen: Bool { found.count < limit && stepsLeft > 0 }

  var hasErrors: Bool { errors > 0 }

  mutating func add(_ issue: ValidationIssue) {
    guard found.count < limit, known.insert(issue).inserted else { return }
    found.append(issue)
    if issue.severity == .error { errors += 1 }
  }

  /// Counts a step; false when no more may be taken, which is an issue of its own.
  mutating func step(at place: ValidationPlace) -> Bool {
    guard stepsLeft > 0 else { return false }
    stepsLeft -= 1
    if stepsLeft == 0 {
      found.append(
        ValidationIssue(
          severity: .error, kind: .tooCostly, expression: place.text,
          text: "validation takes more steps than are allowed; the rest was not looked at",
          key: nil, profile: nil))
    }
    return stepsLeft > 0
  }

  /// A collector for a trial, which goes on with the same budget.
  func trial() -> IssueCollector {
    var other = self
    other.found = []
    other.known = []
    other.errors = 0
    return other
  }

  /// Takes the budget down to what is left after later trials.
  mutating func spend(down steps: Int) { stepsLeft = min(stepsLeft, steps) }

  /// Goes on after a trial, with or without what it found.
  mutating func settle(_ trial: IssueCollector, keep: Bool) {
    stepsLeft = trial.stepsLeft
    if keep { for issue in trial.found { add(issue) } }
  }
}
