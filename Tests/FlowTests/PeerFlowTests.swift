import Foundation
import Testing

/// Two served nodes that speak to each other by the commands.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct PeerFlowTests {
  /// A household with one patient and a hospital, both serving and paired.
  struct Pair {
    let home: FlowNode
    let hospital: FlowNode

    init() async throws {
      home = try await FlowNode("household", name: "Flow household")
      hospital = try await FlowNode("organization", name: "Flow hospital")
      let chart = [
        ServeFlowTests.patient,
        #"{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"}}"#,
        #"{"resourceType":"Immunization","id":"i","status":"completed","patient":{"reference":"Patient/p"}}"#,
      ]
      let stored = try await home.take("p.ndjson", Array(chart.joined(separator: "\n").utf8))
      guard stored.status == 0 else { throw Program.Failure(stored.output) }
      try await home.serve()
      try await hospital.serve()
      let invitation = try await home.must("peer", "invite", "--address", home.address)
      let link = try #require(invitation.lines.first)
      try await hospital.must("peer", "accept", link, "--address", hospital.address)
    }

    func hospitalGets(_ query: String, _ more: String...) async throws -> Program.Outcome {
      try await hospital.run(["peer", "get", "Flow household", query] + more)
    }
  }

  @Test func askedGrantedReadRevokedRefused() async throws {
    let pair = try await Pair()
    let refused = try await pair.hospitalGets("AllergyIntolerance?patient=p")
    #expect(refused.status == 1 && refused.errors.contains("no-grant"), "\(refused.errors)")
    try await pair.hospital.must(
      "peer", "request", "Flow household", "--patient-id", "p", "--types",
      "allergies,immunizations", "--ttl", "1d", "--reason", "Admission")
    let request = try await eventually("the request") { () -> String? in
      let outcome = try await pair.home.must("consent", "requests", "--json", "--pending")
      let all = (outcome.json as? [String: Any])?["requests"] as? [[String: Any]]
      return all?.first?["id"] as? String
    }
    let granted = try await pair.home.must(
      "consent", "grant", "--request", request, "--patient", "p", "--types", "allergies", "--json")
    let grant =
      ((granted.json as? [String: Any])?["grant"] as? [String: Any])?["id"] as? String
    let found = try await pair.hospitalGets("AllergyIntolerance?patient=p")
    #expect(found.status == 0 && found.output.contains(#""id":"a""#), "\(found.errors)")
    #expect(try await pair.hospitalGets("Immunization?patient=p").status == 1)
    #expect(try await pair.hospitalGets("AllergyIntolerance/a").status == 0)
    #expect(try await pair.hospitalGets("AllergyIntolerance/a", "--purpose", "HRESCH").status == 1)
    try await pair.home.must("consent", "revoke", try #require(grant))
    #expect(try await pair.hospitalGets("AllergyIntolerance/a").status == 1)
    _ = try await eventually("word of the revocation") { () -> Bool? in
      try await pair.hospital.must("consent", "requests").output.contains("revoked") ? true : nil
    }
    for node in [pair.home, pair.hospital] { #expect(try await node.isLogClean()) }
  }

  /// A peer that is down is tried again, and the message survives a restart of its sender.
  @Test func aMessageWaitsForItsReader() async throws {
    let pair = try await Pair()
    let address = pair.home.address
    try await pair.home.stop()
    let asked = try await pair.hospital.run(
      "peer", "request", "Flow household", "--patient-id", "p", "--types", "allergies", "--ttl",
      "1d", "--reason", "Later")
    #expect(asked.status == 0)
    #expect(try await pair.hospital.must("peer", "outbox").output.contains("Flow household"))
    try await pair.hospital.stop(SIGKILL)
    try await pair.home.serve(address: address)
    try await pair.hospital.serve()
    _ = try await eventually("the request") { () -> Bool? in
      let outcome = try await pair.home.must("consent", "requests", "--json", "--pending")
      let all = (outcome.json as? [String: Any])?["requests"] as? [Any]
      return all?.count == 1 ? true : nil
    }
  }

  /// Beyond the minimum an emergency opens what is named and justified, and the patient reads it.
  @Test func anEmergencyOpensWhatIsJustified() async throws {
    let pair = try await Pair()
    let chart = [
      #"{"resourceType":"Condition","id":"s","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"75544000"}]}}"#
    ]
    #expect(try await pair.home.take("s.ndjson", Array(chart.joined().utf8)).status == 0)
    func broken(_ more: String...) async throws -> Program.Outcome {
      try await pair.hospital.run(
        [
          "peer", "break-glass", "Flow household", "--patient", "p", "--reason", "unconscious",
          "--text", "Found on the street",
        ] + more)
    }
    #expect(try await broken().status == 0)
    #expect(try await pair.hospitalGets("AllergyIntolerance/a", "--purpose", "BTG").status == 0)
    #expect(try await pair.hospitalGets("Condition/s", "--purpose", "BTG").status == 1)
    #expect(try await pair.hospitalGets("Immunization/i", "--purpose", "BTG").status == 1)
    let label = "substance-use=Opioid or stroke?"
    #expect(try await broken("--label", "substance-use").status == 64)
    #expect(try await broken("--label", "substances=x").status == 64)
    let unnamed = try await broken("--label", label)
    #expect(unnamed.status == 1 && unnamed.errors.contains("42 CFR 2.51"), "\(unnamed.errors)")
    let opened = try await broken(
      "--label", label, "--also", "immunizations=Tetanus", "--personnel", "Dr. Ada Example")
    #expect(opened.status == 0 && opened.output.contains("42 CFR part 2"), "\(opened.errors)")
    #expect(try await pair.hospitalGets("Condition/s", "--purpose", "BTG").status == 0)
    #expect(try await pair.hospitalGets("Immunization/i", "--purpose", "BTG").status == 0)
    let notices = try await pair.home.must("notices").output
    let sessions = try await pair.home.must("consent", "break-glass", "list").output
    for words in ["Opioid or stroke?", "Tetanus", "Dr. Ada Example", "Flow hospital"] {
      #expect(notices.contains(words) && sessions.contains(words), "\(words)")
    }
    for node in [pair.home, pair.hospital] { #expect(try await node.isLogClean()) }
  }

  @Test func aCertificateOfNobodyIsRefused() async throws {
    let pair = try await Pair()
    let folder = try TemporaryFolder()
    let made = try await Program.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "30", "-subj", "/CN=\(String(repeating: "ab", count: 32))", "-keyout",
        folder.path + "/key.pem", "-out", folder.path + "/cert.pem",
      ])
    #expect(made.status == 0, "\(made.errors)")
    let stranger = Curl(
      node: pair.home,
      options: ["--cert", folder.path + "/cert.pem", "--key", folder.path + "/key.pem"])
    for (method, path) in [
      ("GET", "/fhir/Patient/p"), ("GET", "/fhir/Patient"), ("POST", "/peer/messages"),
      ("POST", "/peer/break-glass"),
    ] {
      let answer = try await stranger(method, path, method == "POST" ? "{}" : nil)
      // Refused in the handshake, or by name.
      #expect([0, 401, 403].contains(answer.status), "\(path): \(answer.status)")
      #expect(!answer.body.contains("Samplewood"))
    }
    // Beside a token it counts for nothing: apps may show one too (RFC 8705).
    let token = try await pair.home.token(scope: "system/Patient.r")
    let both = Curl(node: pair.home, token: token, options: stranger.options)
    #expect(try await both("GET", "/fhir/Patient/p").status == 200)
    #expect(try await both("GET", "/fhir/Observation/o").status == 403)
    let messages = Curl(node: pair.home, token: token)
    #expect(try await messages("POST", "/peer/messages", "{}").status == 403)
    #expect(try await Curl(node: pair.home)("POST", "/peer/pair", "nonsense").status == 400)
  }
}
