import Foundation
import Testing

/// Several servers of one node on one PostgreSQL.
@Suite(
  .serialized, .enabled(if: Program.isThere, "\(Program.absence)"),
  .enabled(if: DatabaseCluster.isPossible, "\(DatabaseCluster.absence)"))
struct InstanceFlowTests {
  private static let rounds = Program.isFull ? 40 : 6

  /// A household with one patient, and two servers of it, each with a folder of its own.
  private struct Instances {
    let cluster: DatabaseCluster
    let one: FlowNode
    let other: FlowNode
    var both: [FlowNode] { [one, other] }

    init() async throws {
      cluster = try await DatabaseCluster()
      one = try await FlowNode(database: cluster)
      let chart = [
        ServeFlowTests.patient,
        #"{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"}}"#,
        #"{"resourceType":"Immunization","id":"i","status":"completed","patient":{"reference":"Patient/p"}}"#,
      ]
      let stored = try await one.take("p.ndjson", Array(chart.joined(separator: "\n").utf8))
      guard stored.status == 0 else { throw Program.Failure(stored.output + stored.errors) }
      other = try FlowNode(instanceOf: one)
    }
  }

  @Test func whatOneInstanceDoesTheOtherKnows() async throws {
    let instances = try await Instances()
    for node in instances.both { try await node.serve() }
    let token = try await instances.one.token()
    let clients = instances.both.map { Curl(node: $0, token: token) }
    for number in 0..<12 {
      let body = ServeFlowTests.observation("o", value: "\(number).0")
      let written = try await clients[number % 2](
        "PUT", "/fhir/Observation/o", body, "-H",
        number == 0 ? "X-First: 1" : "If-Match: W/\"\(number)\"")
      #expect(written.status == (number == 0 ? 201 : 200), "\(written.body)")
      let read = try await clients[(number + 1) % 2]("GET", "/fhir/Observation/o")
      #expect(read.fields["etag"] == "W/\"\(number + 1)\"")
      #expect(read.body.contains(#""value":\#(number).0"#))
      let found = try await clients[number % 2](
        "GET", "/fhir/Observation?patient=p&_total=accurate")
      #expect(found.json?["total"] as? Int == 1)
    }
    // A token that one has issued is known to the other, and what one deletes is gone.
    #expect(try await clients[0]("DELETE", "/fhir/Observation/o").status == 204)
    #expect(try await clients[1]("GET", "/fhir/Observation/o").status == 410)
    #expect(try await instances.other.isLogClean())
    for node in instances.both { #expect(try await node.stop() == 0) }
  }

  /// The hospital reads through one instance, the patient decides at the other.
  @Test func aRevocationAtOneRefusesTheNextRequestAtTheOther() async throws {
    let instances = try await Instances()
    for node in instances.both { try await node.serve() }
    let hospital = try await FlowNode("organization", name: "Flow hospital")
    try await hospital.serve()
    let invitation = try await instances.one.must(
      "peer", "invite", "--address", instances.other.address)
    try await hospital.must(
      "peer", "accept", try #require(invitation.lines.first), "--address", hospital.address)
    for _ in 0..<3 {
      let granted = try await instances.one.must(
        "consent", "grant", "--patient", "p", "--to", "Flow hospital", "--types", "allergies",
        "--purpose", "TREAT", "--ttl", "1d", "--json")
      let grant = ((granted.json as? [String: Any])?["grant"] as? [String: Any])?["id"] as? String
      let open = try await hospital.run("peer", "get", "Flow household", "AllergyIntolerance/a")
      #expect(open.status == 0, "\(open.errors)")
      try await instances.one.must("consent", "revoke", try #require(grant))
      let closed = try await hospital.run("peer", "get", "Flow household", "AllergyIntolerance/a")
      #expect(closed.status == 1 && closed.errors.contains("denied"), "\(closed.errors)")
    }
    // Both instances work on the outbox; each message arrives, and once.
    _ = try await eventually("the messages") { () -> Bool? in
      try await instances.other.must("peer", "outbox").lines.isEmpty ? true : nil
    }
    let told = try await hospital.must("consent", "requests", "--json")
    let requests = (told.json as? [String: Any])?["requests"] as? [[String: Any]] ?? []
    #expect(requests.count == 3 && requests.allSatisfy { $0["status"] as? String == "revoked" })
    #expect(try await instances.one.isLogClean())
    #expect(try await hospital.isLogClean())
  }

  /// `kill -9` of either instance or of PostgreSQL, with all of them at work.
  @Test func killedAtAnyMomentNothingAcknowledgedIsLost() async throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("kill -9 of instances and database: seed \(seed)")
    var random = SeededGenerator(state: seed)
    let instances = try await Instances()
    let token = try await instances.one.token("--ttl", "1d")
    let ledger = Ledger()
    for node in instances.both { try await node.serve(insecure: true) }
    for round in 0..<Self.rounds {
      ledger.setOver(false)
      let victim = round % 3
      let delay = Int.random(in: 50...700, using: &random)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, node) in instances.both.enumerated() {
          let port = try #require(
            UInt16(node.insecureURL?.split(separator: ":").last.map(String.init) ?? ""))
          for worker in 0..<2 {
            let client = LoadClient(
              port: port, token: token, name: "r\(round)i\(index)w\(worker)", ledger: ledger)
            group.addTask { await client.run() }
          }
        }
        try await Task.sleep(for: .milliseconds(delay))
        if victim == 2 {
          try await instances.cluster.crashAndRestart()
        } else {
          try await instances.both[victim].stop(SIGKILL)
        }
        // Whoever was not killed goes on by itself.
        for index in 0..<2 where index != victim {
          let before = ledger.contents.answers
          _ = try await eventually("instance \(index) after victim \(victim)") { () -> Bool? in
            let now = ledger.contents.answers
            return (0..<2).allSatisfy {
              let name = "r\(round)i\(index)w\($0)"
              return now[name, default: 0] > before[name, default: 0]
            } ? true : nil
          }
        }
        ledger.setOver(true)
        try await group.waitForAll()
      }
      if victim < 2 { try await instances.both[victim].serve(insecure: true) }
    }
    let known = ledger.contents
    #expect(known.writes.count > Self.rounds && known.requests.count > Self.rounds, "the load ran")
    let lacking = try await instances.other.lacks(known)
    #expect(lacking.isEmpty, "\(lacking.count) things: \(lacking.prefix(3))")
    #expect(try await instances.one.isLogClean())
  }
}
