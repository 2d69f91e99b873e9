import Foundation
import Testing

/// An accreditor, a hospital and a household, each served: from issued to revoked.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct EntityFlowTests {
  private struct Three {
    let board: FlowNode
    let hospital: FlowNode
    let home: FlowNode
    let hospitalID: String

    init() async throws {
      board = try await FlowNode("organization", name: "State board")
      hospital = try await FlowNode("organization", name: "Flow hospital")
      home = try await FlowNode("household", name: "Flow household")
      for node in [board, hospital, home] { try await node.serve() }
      let invitation = try await home.must("peer", "invite", "--address", home.address)
      try await hospital.must(
        "peer", "accept", try #require(invitation.lines.first), "--address", hospital.address)
      let peers = try await home.must("peer", "list", "--json").json as? [String: Any]
      hospitalID = try #require((peers?["peers"] as? [[String: Any]])?.first?["node"] as? String)
    }

    func file(_ outcome: Program.Outcome, _ name: String) throws -> String {
      try board.home.write(name, Array(outcome.output.utf8))
    }

    func request() async throws -> [String: Any] {
      let listed = try await home.must("consent", "requests", "--json").json as? [String: Any]
      let requests = listed?["requests"] as? [[String: Any]]
      return requests?.first?["entity"] as? [String: Any] ?? [:]
    }

    /// What the household shows, in words and to programs.
    func isShown(_ state: String, _ words: String, isVerified: Bool = false) async throws {
      let entity = try await request()
      #expect(entity["state"] as? String == state)
      #expect(entity["isVerified"] as? Bool == isVerified)
      let text = try await home.must("consent", "requests").output
      #expect(text.contains(words), "\(text)")
      #expect(isVerified == !text.contains("NOT VERIFIED"))
      #expect(try await home.run("entity", "show", hospitalID).status == (isVerified ? 0 : 1))
      let listed = try await home.must("entity", "list").output
      #expect(listed.contains(state), "\(listed)")
    }
  }

  @Test func fromIssuedToRevoked() async throws {
    let three = try await Three()
    let (board, hospital, home) = (three.board, three.hospital, three.home)
    let key = try three.file(try await board.must("accreditor", "key"), "board.json")
    let trusted = try await home.must("accreditor", "trust", key, "--fresh", "30d")
    let id = try #require(trusted.output.split(separator: " ").first).description
    let wrong = try await board.run(
      "entity", "issue", three.hospitalID, "--organization", "General", "--npi", "1234567890")
    #expect(wrong.status == 64 && wrong.errors.contains("NPI"), "\(wrong.errors)")
    let issued = try three.file(
      try await board.must(
        "entity", "issue", three.hospitalID, "--organization", "Exampleville General", "--npi",
        "1234567893"), "ward.jws")
    let kept = try await hospital.must("entity", "add", issued)
    #expect(kept.output.contains("shown with this node's requests"), "\(kept.output)")
    try await hospital.must(
      "peer", "request", "Flow household", "--patient-id", "p", "--types", "allergies", "--ttl",
      "1d", "--reason", "Admission")
    _ = try await eventually("the request") { () -> Bool? in
      try await three.request().isEmpty ? nil : true
    }
    try await three.isShown(
      "accredited", "verified: Exampleville General, NPI 1234567893, says State board",
      isVerified: true)

    try await board.must("entity", "suspend", three.hospitalID, "--reason", "privilege-withdrawn")
    let refreshed = try await home.must("entity", "refresh")
    #expect(refreshed.output.contains("State board on \(three.hospitalID): 1 new"))
    try await three.isShown("suspended", "NOT VERIFIED: suspended since")
    // The old statement, once more.
    #expect(try await home.must("entity", "add", issued).output.hasPrefix("0 new"))
    try await three.isShown("suspended", "NOT VERIFIED: suspended since")
    try await board.must("entity", "reinstate", three.hospitalID)
    try await home.must("entity", "refresh", "Flow hospital")
    try await three.isShown("accredited", "verified: Exampleville General", isVerified: true)

    // Everybody can ask, and gets what is signed.
    let served = try await Curl(node: board)("GET", "/entities/\(three.hospitalID)")
    #expect(served.status == 200 && served.json?["entity"] as? String == three.hospitalID)
    #expect((served.json?["statements"] as? [String])?.count == 3)
    let nobody = String(repeating: "ab", count: 32)
    #expect(try await Curl(node: board)("GET", "/entities/\(nobody)").status == 404)
    #expect(try await Curl(node: board)("GET", "/entities/x").status == 404)
    #expect(try await Curl(node: home)("GET", "/entities/\(three.hospitalID)").status == 404)

    try await board.must(
      "entity", "revoke", three.hospitalID, "--reason", "key-compromise", "--effective",
      "2026-01-01T00:00:00Z")
    try await home.must("entity", "refresh")
    try await three.isShown("revoked", "NOT VERIFIED: revoked since 2026-01-01")
    #expect(try await board.run("entity", "reinstate", three.hospitalID).status == 1)
    // The accreditor cannot be reached, and what it said still counts.
    try await board.stop()
    let unreached = try await home.run("entity", "refresh", "--json")
    #expect(unreached.status == 1)
    try await three.isShown("revoked", "NOT VERIFIED: revoked since")
    try await home.must("accreditor", "remove", id)
    #expect(try await three.request()["state"] as? String == "unknown")
    for node in [board, hospital, home] { #expect(try await node.isLogClean()) }
    let kinds = try await board.log().filter { $0["kind"] as? String == "entity-statement" }
    #expect(kinds.count == 4)
  }

  @Test func anOrganizationGoesOnUnderOtherKeys() async throws {
    let three = try await Three()
    let key = try three.file(try await three.board.must("accreditor", "key"), "board.json")
    try await three.home.must("accreditor", "trust", key)
    try await three.board.must(
      "entity", "issue", three.hospitalID, "--organization", "Exampleville General", "--npi",
      "1234567893")
    try await three.home.must("entity", "refresh")
    #expect(try await three.home.run("entity", "show", three.hospitalID).status == 0)
    let new = String(repeating: "0123456789abcdef", count: 4)
    let rotated = try await three.board.must("entity", "rotate", three.hospitalID, "--to", new)
    #expect(rotated.lines.count == 2)
    let file = try three.file(rotated, "rotated.jws")
    let added = try await three.home.must("entity", "add", file, "--json").json as? [String: Any]
    #expect(added?["added"] as? Int == 2)
    let old = try await three.home.run("entity", "show", three.hospitalID)
    #expect(old.status == 1 && old.output.contains("replaced") && old.output.contains(new))
    let shown = try await three.home.must("entity", "show", new)
    #expect(shown.output.contains("Exampleville General"))
    for node in [three.board, three.home] { #expect(try await node.isLogClean()) }
  }
}
