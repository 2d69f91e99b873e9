import Foundation
import Testing

/// `kill -9` at random moments under mixed load: what was acknowledged is there, what was disclosed
/// is in the log, and the log is whole.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct CrashFlowTests {
  private static let rounds = Program.isFull ? 200 : 12

  @Test func killedAtAnyMomentNothingAcknowledgedIsLost() async throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("kill -9: seed \(seed)")
    var random = SeededGenerator(state: seed)
    let pair = try await PeerFlowTests.Pair()
    let (home, hospital) = (pair.home, pair.hospital)
    try await home.must(
      "consent", "grant", "--patient", "p", "--to", "Flow hospital", "--types",
      "allergies,immunizations", "--purpose", "TREAT", "--ttl", "30d")
    let token = try await home.token("--ttl", "1d")
    let address = home.address
    try await home.stop()
    let ledger = Ledger()
    for round in 0..<Self.rounds {
      try await home.serve(insecure: true, address: address)
      let port = try #require(
        UInt16(home.insecureURL?.split(separator: ":").last.map(String.init) ?? ""))
      let delay = Int.random(in: 20...900, using: &random)
      let withImport = round.isMultiple(of: 3)
      let answered = ledger.contents.requests.count
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<3 {
          group.addTask {
            await LoadClient(
              port: port, token: token, name: "r\(round)w\(worker)", ledger: ledger
            ).run()
          }
        }
        if withImport {
          let lines = (0..<400).map { #"{"resourceType":"Patient","id":"i\#(round)-\#($0)"}"# }
          group.addTask {
            let outcome = try await home.take(
              "i\(round).ndjson", Array(lines.joined(separator: "\n").utf8))
            guard outcome.status == 0 else {
              throw Program.Failure("the import failed: \(outcome.output)\(outcome.errors)")
            }
            ledger.note(imported: (0..<400).map { "i\(round)-\($0)" })
          }
        } else {
          group.addTask {
            // A message to the hospital, and reads of the hospital, that may or may not come through.
            let outcome = try? await hospital.run("peer", "get", "Flow household", "Immunization/i")
            if outcome?.status == 0 { ledger.noteRead() }
          }
          group.addTask {
            let outcome = try? await home.run(
              "consent", "grant", "--patient", "p", "--to", "Flow hospital", "--types", "problems",
              "--purpose", "TREAT", "--ttl", "1d", "--json")
            let answer = outcome?.json as? [String: Any]
            if let id = (answer?["grant"] as? [String: Any])?["id"] as? String {
              ledger.note(grant: id)
            }
          }
        }
        // Every other time once there is a load, which takes longer to begin on a busy machine.
        if !round.isMultiple(of: 2) {
          let hasBegun = try? await eventually("the load") {
            ledger.contents.requests.count > answered + 3 ? true : nil
          }
          #expect(hasBegun == true)
        }
        try await Task.sleep(for: .milliseconds(delay))
        try await home.stop(SIGKILL)
        try await group.waitForAll()
      }
    }
    try await home.serve(address: address)
    try await check(home, ledger, hospital)
  }

  private func check(_ home: FlowNode, _ ledger: Ledger, _ hospital: FlowNode) async throws {
    let known = ledger.contents
    #expect(known.writes.count > Self.rounds && known.requests.count > Self.rounds, "the load ran")
    let lacking = try await home.lacks(known)
    // A count, not a list: after many rounds a list would fill the screen.
    #expect(lacking.count == 0, "\(lacking.prefix(3))")
    let log = try await home.log()
    let peerReads = log.filter {
      $0["kind"] as? String == "disclosure" && $0["actor"] as? String == "peer"
    }
    #expect(peerReads.count >= known.reads)
    #expect(try await home.isLogClean())
    // Messages that were acknowledged to their sender, by the grants that they tell of, arrive once.
    _ = try await eventually("the messages") { () -> Bool? in
      try await home.must("peer", "outbox").lines.isEmpty ? true : nil
    }
    let requests = try await hospital.must("consent", "requests", "--json")
    let told = (requests.json as? [String: Any])?["requests"] as? [[String: Any]] ?? []
    let grants = told.compactMap { $0["grant"] as? String }
    #expect(grants.count == Set(grants).count, "a message counted twice")
    #expect(known.grants.isSubset(of: grants), "a message was lost")
    #expect(try await hospital.isLogClean())
  }
}
