import Consent
import FHIR
import Primitives
import Testing

/// The matrix test: the module against the slow evaluator written from the design page.
@Suite struct OracleTests {
  @Test func agreesWithTheSlowEvaluator() {
    var random = SeededGenerator(naming: "consent oracle")
    var tally: [String: Int] = [:]
    var disagreements = 0
    for round in 0..<120_000 {
      let sample = RandomCase(&random)
      let expected = sample.oracle.decide()
      let decision = sample.decide()
      let prepared = sample.prepared()
      let request = sample.request
      let again = prepared.decide(
        recordType: request.recordType, labels: request.labels, date: request.date)
      let quick = prepared.permit(
        recordType: request.recordType, labels: request.labels, date: request.date)
      if Oracle.Verdict(decision) != expected || again != decision || quick != decision.permit {
        disagreements += 1
        if disagreements <= 3 {
          Issue.record("round \(round): \(decision) but expected \(expected) for \(sample)")
        }
      }
      count(decision, in: &tally)
    }
    #expect(disagreements == 0)
    expectSpread(tally)
  }

  private func count(_ decision: Decision, in tally: inout [String: Int]) {
    switch decision {
    case .permit(let permit):
      let rule = "\(permit.basis.rule)".prefix { $0 != "(" }
      tally["permit", default: 0] += 1
      tally["permit \(rule)", default: 0] += 1
      if permit.basis.grants.count > 1 { tally["permit by delegation", default: 0] += 1 }
      if permit.overridesDenial { tally["permit overriding a denial", default: 0] += 1 }
    case .deny(let reasons):
      for code in Set(reasons.map(\.code)) { tally["deny \(code.rawValue)", default: 0] += 1 }
    }
  }

  /// A matrix that hardly ever permits, or never for a reason, would prove little.
  private func expectSpread(_ tally: [String: Int]) {
    for (name, number) in tally.sorted(by: { $0.key < $1.key }) { print("  \(name): \(number)") }
    #expect(tally["permit", default: 0] > 20_000)
    for rule in ["chartOwner", "nodeItself", "role", "grant", "legalBasis", "breakGlass"] {
      #expect(tally["permit \(rule)", default: 0] > 400, "too few permits by \(rule)")
    }
    #expect(tally["permit by delegation", default: 0] > 400)
    #expect(tally["permit overriding a denial", default: 0] > 200)
    for code in Reason.Code.allCases where code != .denialOverridden {
      #expect(
        tally["deny \(code.rawValue)", default: 0] > 400, "too few refusals: \(code.rawValue)")
    }
  }
}
