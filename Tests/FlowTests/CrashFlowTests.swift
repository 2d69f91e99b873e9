import Foundation
import Synchronization
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
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<3 {
          group.addTask {
            await Load.run(
              LoadClient(port: port, token: token, name: "r\(round)w\(worker)", ledger: ledger))
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
    var stored: [String: Int] = [:]
    for line in try await home.exported() {
      guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
        let type = object["resourceType"] as? String, let id = object["id"] as? String,
        let version = (object["meta"] as? [String: Any])?["versionId"] as? String
      else {
        Issue.record("a line of the export is no resource")
        continue
      }
      stored["\(type)/\(id)"] = Int(version)
    }
    let lost = known.writes.filter { (stored[$0.key] ?? 0) < $0.value }
    // Counts, not lists: after many rounds a list would fill the screen.
    #expect(lost.count == 0, "acknowledged writes are not there: \(lost.prefix(3))")
    let log = try await home.log()
    let logged = Set(log.compactMap { $0["request"] as? String })
    let unlogged = known.requests.filter { !logged.contains($0) }
    #expect(unlogged.count == 0, "answers are not in the log: \(unlogged.prefix(3))")
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

/// What was acknowledged to somebody, and must therefore be true ever after.
private final class Ledger: Sendable {
  struct Contents {
    /// `Type/id` to version.
    var writes: [String: Int] = [:]
    /// Ids of requests that were answered with records.
    var requests: Set<String> = []
    var grants: Set<String> = []
    var reads = 0
  }
  private let state = Mutex(Contents())
  var contents: Contents { state.withLock { $0 } }

  func note(write address: String, version: Int) {
    state.withLock { $0.writes[address] = max(version, $0.writes[address] ?? 0) }
  }
  func note(request: String) { _ = state.withLock { $0.requests.insert(request) } }
  func note(grant: String) { _ = state.withLock { $0.grants.insert(grant) } }
  func noteRead() { state.withLock { $0.reads += 1 } }
  func note(imported ids: [String]) {
    state.withLock { state in for id in ids { state.writes["Patient/\(id)"] = 1 } }
  }
}

private struct LoadClient: Sendable {
  let port: UInt16
  let token: String
  let name: String
  let ledger: Ledger

  /// Writes, reads and searches on one connection until the server is gone.
  func work() {
    guard let connection = try? RawConnection(port: port) else { return }
    for number in 0..<100_000 {
      let id = "\(name)-\(number / 2)"
      let body = #"{"resourceType":"Patient","id":"\#(id)","multipleBirthInteger":\#(number)}"#
      guard let written = ask(connection, "PUT", "/fhir/Patient/\(id)", body) else { return }
      if written.status == 200 || written.status == 201 {
        let tag = written.fields["etag"]?.filter(\.isNumber)
        ledger.note(write: "Patient/\(id)", version: tag.flatMap { Int($0) } ?? .max)
      }
      let path = number.isMultiple(of: 3) ? "/fhir/Immunization?patient=p" : "/fhir/Patient/\(id)"
      guard let read = ask(connection, "GET", path, nil) else { return }
      if read.status == 200, let request = read.fields["x-request-id"] {
        ledger.note(request: request)
      }
    }
  }

  private func ask(
    _ connection: RawConnection, _ method: String, _ path: String, _ body: String?
  ) -> (status: Int, fields: [String: String], body: [UInt8])? {
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
      + (body.map {
        "Content-Type: application/fhir+json\r\nContent-Length: \($0.utf8.count)\r\n\r\n\($0)"
      } ?? "\r\n")
    guard (try? connection.send(head)) != nil else { return nil }
    return connection.receiveAnswer()
  }
}

private enum Load {
  /// The client blocks its thread, which therefore is one of its own.
  static func run(_ client: LoadClient) async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        client.work()
        continuation.resume()
      }
    }
  }
}

/// SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
