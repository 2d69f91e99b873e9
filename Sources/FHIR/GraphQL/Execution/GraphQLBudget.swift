import Primitives

/// What is left of a request's bounds while it is answered.
final class GraphQLBudget {
  private var questions: Int
  private var records: Int
  private var values: Int
  private var bytes: Int
  let path: FHIRPathBudget
  /// Nothing more is answered then.
  private(set) var isExhausted = false

  init(_ limits: GraphQLLimits) {
    questions = limits.questions
    records = limits.records
    values = limits.values
    bytes = limits.answerBytes
    path = FHIRPathBudget(steps: limits.pathSteps, maximumItems: 20_000, maximumText: 1 << 20)
  }

  /// A read, a reference that is followed, or a search.
  func chargeQuestion() throws(PeerChartError) {
    questions -= 1
    try check(questions, "more records and searches are asked for than one request may")
  }

  /// A value of the answer.
  func charge(bytes count: Int = 8) throws(PeerChartError) {
    values -= 1
    bytes -= count
    try check(min(values, bytes), "the answer would be larger than one may be")
  }

  private func check(_ left: Int, _ reason: String) throws(PeerChartError) {
    guard left < 0 else { return }
    isExhausted = true
    throw PeerChartError(.tooCostly, reason)
  }
}
