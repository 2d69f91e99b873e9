import Foundation
import Testing

@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct DemoFlowTests {
  private func demo(_ arguments: [String]) async throws {
    guard let program = Program.path else { return }
    let outcome = try await Program.run(program, ["demo", "--once", "--json"] + arguments)
    let report = try #require(outcome.json as? [String: Any], "\(outcome.output)\(outcome.errors)")
    let steps = try #require(report["steps"] as? [[String: Any]])
    let failed = steps.filter { $0["ok"] as? Bool != true }
    #expect(outcome.status == 0 && failed.isEmpty, "\(failed) \(outcome.output)")
    #expect(steps.count >= 15 && steps.allSatisfy { $0["ms"] is NSNumber })
    #expect((report["imported"] as? Int ?? 0) > 0 && (report["disclosed"] as? Int ?? 0) > 0)
    #expect((report["refused"] as? Int ?? 0) >= 8)
    let audit = report["audit"] as? [String: Any]
    #expect(audit?["verified"] as? Bool == true && (audit?["entries"] as? Int ?? 0) > 20)
    #expect((report["documents"] as? [String: Any])?["verified"] as? Int == 1)
  }

  @Test func withTheMadeUpFamily() async throws { try await demo([]) }

  @Test(.enabled(if: Corpus.isThere, "\(Corpus.absence)"))
  func withChartsOfTheCorpus() async throws {
    let patients = try Corpus.patients()
    for patient in [patients[0], patients[patients.count / 2]] {
      try await demo((try Corpus.organizations() + [patient]).flatMap { ["--bundle", $0] })
    }
  }

  @Test func keptFoldersStayAndVerify() async throws {
    let folder = try TemporaryFolder()
    let kept = folder.path + "/kept"
    try await demo(["--keep", kept])
    for node in ["household", "hospital"] {
      let outcome = try await Program.run("audit", "verify", "--data", kept + "/" + node)
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }
  }
}
