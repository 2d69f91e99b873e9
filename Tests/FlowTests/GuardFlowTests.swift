import Foundation
import Testing

/// The node's door against those who press on it: guessed passwords, floods, spoofed ways, heads without end.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct GuardFlowTests {
  private static let password = "correct horse battery staple 9"

  private func person(_ node: FlowNode, _ login: String, from host: UInt32) async throws
    -> PageClient
  {
    let invited = try await node.must("account", "invite", "--role", "clinician")
    let client = try PageClient(node, from: host)
    let page = try client.get("/register")
    #expect(page.status == 200)
    let answer = try client.post(
      "/register",
      [
        ("code", try #require(invited.lines.first)), ("name", login), ("display", "Made Up"),
        ("password", Self.password),
      ])
    #expect(answer.status == 303 && client.hasSession)
    client.forgetSession()
    return client
  }

  /// Whether the name and password are taken: a session begins, or a second factor is asked for.
  private func signsIn(_ client: PageClient, _ login: String) throws -> Bool {
    client.forgetSession()
    guard try client.get("/sign-in").status == 200 else { return false }
    let answer = try client.post("/sign-in", [("name", login), ("password", Self.password)])
    return answer.status == 303 && client.hasSession
  }

  @Test func tenThousandGuessesFromOneAddressKeepNobodyOutAndGetNothing() async throws {
    let node = try await FlowNode("organization", name: "Hospital")
    try await node.serve(insecure: true)
    // Six of the two hundred are there; the others nobody can tell from them.
    var browsers: [PageClient] = []
    for number in 0..<6 {
      browsers.append(try await person(node, "person\(number)", from: UInt32(10 + number)))
    }
    let attacker = try PageClient(node)
    #expect(try attacker.get("/sign-in").status == 200)
    var counts: [Int: Int] = [:]
    var afterRefusal = 0
    var hasRetry = true
    var memory = 0
    let began = Date()
    for number in 0..<10_000 {
      let answer = try attacker.post(
        "/sign-in", [("name", "person\(number % 200)"), ("password", "guess number \(number)")])
      counts[answer.status, default: 0] += 1
      if answer.status != 429, counts[429] != nil { afterRefusal += 1 }
      if answer.status == 429 { hasRetry = hasRetry && answer.fields["retry-after"] != nil }
      if number == 1000 { memory = try residentKilobytes(node) }
      if number == 5000 {
        // In the middle of it: from another address, and from a browser that is known at the attacker's own.
        #expect(try signsIn(PageClient(node, from: 40), "person0"))
        #expect(try signsIn(PageClient(browsers[1], from: 1), "person1"))
        #expect(try signsIn(browsers[2], "person2"))
      }
    }
    let grown = try residentKilobytes(node) - memory
    print("10,000 guesses: \(counts), resident memory grew by \(grown) kB")
    #expect(Set(counts.keys).isSubset(of: [422, 429]))
    // Twenty at once, and one each half minute comes back.
    let returned = Int(Date().timeIntervalSince(began) / 30) + 1
    #expect(counts[422, default: 0] <= 20 + returned)
    #expect(afterRefusal <= returned)
    #expect(hasRetry)
    #expect(grown < 24 << 10)
    #expect(try await node.isLogClean())
    try await node.stop()
  }

  private func residentKilobytes(_ node: FlowNode) throws -> Int {
    let status = try String(
      contentsOfFile: "/proc/\(node.processIdentifier)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return try #require(Int(line.filter(\.isNumber)))
  }

  @Test func aWayIsBelievedFromTheOperatorsProxyOnly() async throws {
    let node = try await FlowNode("organization", name: "Hospital")
    let token = try await node.token("--role", "nurse")
    let subject = "role:nurse"
    try await node.must("restrict", "set", subject, "--network", "10.20.0.0/16")
    let listed = try await node.must("restrict", "list")
    #expect(listed.output.contains("role:nurse") && listed.output.contains("10.20.0.0/16"))
    for isTrusted in [false, true] {
      if isTrusted {
        try await node.serve(insecure: true, "--trusted-proxy", "127.0.0.7")
      } else {
        try await node.serve(insecure: true)
      }
      for (host, way, mayRead) in [
        (UInt32(1), "10.20.0.9", false), (7, "10.20.0.9", isTrusted),
        (7, "10.20.0.9, 203.0.113.1", false), (7, "203.0.113.1, 10.20.0.9", isTrusted),
      ] {
        let client = try PageClient(node, from: host)
        let answer = try client.get(
          "/fhir/Practitioner", ["Authorization: Bearer \(token)", "X-Forwarded-For: \(way)"])
        #expect(answer.status == (mayRead ? 200 : 403), "\(isTrusted) \(host) \(way)")
      }
      try await node.stop()
    }
    let log = try await node.log()
    let refused = log.filter {
      ($0["reasons"] as? [String])?.contains("outside-network") == true
    }
    #expect(refused.count == 6)
    try await node.must("restrict", "remove", subject)
    #expect(try await node.must("restrict", "list").output.isEmpty)
    #expect(try await node.run("restrict", "set", "role:nobody", "--network", "::/0").status == 64)
    #expect(try await node.run("restrict", "set", "role:nurse").status == 64)
    #expect(try await node.isLogClean())
  }

  @Test func headsAndConnectionsAreBounded() async throws {
    let node = try await FlowNode()
    try await node.serve(insecure: true, "--connections-per-address", "3")
    let port = try #require(UInt16(node.insecureURL?.split(separator: ":").last ?? ""))
    var host: UInt32 = 100
    func status(_ fields: [String], target: String = "/health") throws -> Int? {
      host += 1
      let connection = try RawConnection(port: port, from: host)
      try connection.send(
        (["GET \(target) HTTP/1.1", "Host: x"] + fields).joined(separator: "\r\n") + "\r\n\r\n")
      return connection.receiveAnswer()?.status
    }
    #expect(try status([]) == 200)
    #expect(try status((0..<98).map { "X-\($0): 1" }) == 200)
    #expect(try status((0..<200).map { "X-\($0): 1" }) == 431)
    #expect(try status(["X-Long: " + String(repeating: "a", count: 40_000)]) == 431)
    #expect(try status([], target: "/" + String(repeating: "a", count: 20_000)) == 414)
    // A head without end is not kept: there is no answer but one that refuses.
    let endless = try status(["X: " + String(repeating: "a", count: 1 << 20)])
    #expect(endless == nil || endless == 400 || endless == 431)
    var open = try (0..<3).map { _ in try RawConnection(port: port, from: 21) }
    func lives(_ connection: RawConnection) throws -> Bool {
      try? connection.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
      return connection.receiveAnswer()?.status == 200
    }
    for connection in open { #expect(try lives(connection)) }
    #expect(try !lives(RawConnection(port: port, from: 21)))
    // Nobody else is concerned, and whoever closes one may open another.
    #expect(try lives(RawConnection(port: port, from: 22)))
    open.removeLast().close()
    let next = try await eventually("a connection") { () -> RawConnection? in
      let connection = try RawConnection(port: port, from: 21)
      return try lives(connection) ? connection : nil
    }
    #expect(try lives(next))
    try await node.stop()
  }
}
