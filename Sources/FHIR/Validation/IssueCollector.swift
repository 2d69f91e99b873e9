/// Gathers issues, each once, and counts the work. Errors and remarks have a limit each, so that many
/// remarks never hide an error.
struct IssueCollector {
  private(set) var found: [ValidationIssue] = []
  private var known: Set<ValidationIssue> = []
  private var errors = 0
  private var remarks = 0
  private let limit: Int
  private(set) var stepsLeft: Int

  init(_ limits: ResourceValidator.Limits) {
    limit = max(1, limits.maximumIssues)
    stepsLeft = max(1, limits.maximumSteps)
  }

  /// Whether anything more is worth looking for.
  var isOpen: Bool { errors < limit && stepsLeft > 0 }

  var hasErrors: Bool { errors > 0 }

  mutating func add(_ issue: ValidationIssue) {
    let isError = issue.severity == .error
    guard (isError ? errors : remarks) < limit, known.insert(issue).inserted else { return }
    found.append(issue)
    if isError { errors += 1 } else { remarks += 1 }
  }

  /// Adds a last issue, whatever the limits.
  mutating func conclude(_ issue: ValidationIssue) { found.append(issue) }

  /// Counts a step; false when no more may be taken.
  mutating func step() -> Bool {
    guard stepsLeft > 0 else { return false }
    stepsLeft -= 1
    return stepsLeft > 0
  }

  /// A collector for a trial, which goes on with the same budget.
  func trial() -> IssueCollector {
    var other = self
    other.found = []
    other.known = []
    other.errors = 0
    other.remarks = 0
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
