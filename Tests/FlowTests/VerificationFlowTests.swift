import Foundation
import Testing

/// A discharge summary that is carried to another node, asked about, and taken back.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct VerificationFlowTests {
  /// A hospital that issues, and a household that holds; paired.
  private struct Pair {
    let hospital: FlowNode
    let home: FlowNode
    private let summary: String

    init(_ engine: FlowEngine) async throws {
      hospital = try await FlowNode(
        "organization", name: "Flow hospital", database: engine.cluster())
      home = try await FlowNode("household", name: "Flow household")
      guard try await hospital.take("p.json", Array(ServeFlowTests.patient.utf8)).status == 0 else {
        throw Program.Failure("the chart is not taken")
      }
      summary = try hospital.home.write("discharge.pdf", Array("%PDF-1.7 made up\n".utf8))
      try await hospital.serve()
      try await home.serve()
      let invitation = try await hospital.must("peer", "invite", "--address", hospital.address)
      let link = try #require(invitation.lines.first)
      try await home.must("peer", "accept", link, "--address", home.address)
    }

    /// Issues the summary.
    func issue(_ name: String, _ more: String...) async throws -> (file: String, digest: String) {
      let file = hospital.home.path + "/" + name
      let issued = try await hospital.run(
        [
          "sec", "issue", summary, "--patient", "p", "--type", "18842-5", "--display",
          "Discharge summary", "--output", file, "--json",
        ] + more)
      let digest = try #require(
        (issued.json as? [String: Any])?["document"] as? String, "\(issued.errors)")
      return (file, digest)
    }

    /// Carries a file to the household on a stick.
    func carry(_ file: String) throws -> String {
      try home.home.write(
        "stick-" + URL(fileURLWithPath: file).lastPathComponent,
        try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    func verify(_ file: String, _ more: String...) async throws -> Found {
      let outcome = try await home.run(["sec", "verify", file, "--json"] + more)
      return try Found(status: outcome.status, json: outcome.json as? [String: Any])
    }

    /// The same while the issuer is there. A busy machine may take longer for a handshake than the household waits.
    func ask(about file: String) async throws -> Found {
      try await eventually("word from the issuer") {
        let found = try await verify(file)
        return found["revocation"] == "unknown unreachable" ? nil : found
      }
    }
  }

  /// What verifying found.
  private struct Found {
    let status: Int32
    let json: [String: Any]
    var verdict: String { json["verdict"] as? String ?? "" }

    init(status: Int32, json: [String: Any]?) throws {
      self.status = status
      self.json = try #require(json)
    }

    subscript(name: String) -> String {
      let checks = json["checks"] as? [[String: Any]] ?? []
      let check = checks.first { $0["name"] as? String == name } ?? [:]
      return "\(check["state"] ?? "none") \(check["code"] ?? "-")"
    }
  }

  @Test(arguments: FlowEngine.allCases)
  func carriedAskedRevoked(engine: FlowEngine) async throws {
    let pair = try await Pair(engine)
    let issued = try await pair.issue("discharge.sec", "--to", "Flow household")
    let carried = try pair.carry(issued.file)
    let address = pair.hospital.address
    try await pair.hospital.stop()
    for found in [try await pair.verify(carried), try await pair.verify(carried, "--offline")] {
      #expect(found.status == 0 && found.verdict == "verified", "\(found.json)")
      #expect(found["signature"] == "holds -" && found["inclusion"].hasPrefix("holds"))
      #expect(found["issuer"] == "holds paired" && found["accreditation"].hasPrefix("unknown"))
      #expect(
        found["revocation"].hasPrefix("unknown") && found["supersession"].hasPrefix("unknown"))
      #expect(found.json["issuerName"] as? String == "Flow hospital")
      #expect(found.json["documentType"] as? String == "18842-5 Discharge summary")
    }
    #expect(try await pair.verify(carried)["revocation"] == "unknown unreachable")
    #expect(try await pair.verify(carried, "--offline")["revocation"] == "unknown not-asked")

    try await pair.hospital.serve(address: address)
    let known = try await pair.ask(about: carried)
    #expect(known.status == 0 && known["revocation"] == "holds -", "\(known.json)")
    #expect(known["supersession"] == "holds -")
    #expect(try await status(pair.hospital, issued.file) == "good")

    // Replaced by a corrected one, which verifies.
    let corrected = try await pair.issue(
      "corrected.sec", "--to", "Flow household", "--replaces", issued.digest)
    let replaced = try await pair.ask(about: carried)
    #expect(replaced.status == 1 && replaced.verdict == "superseded")
    #expect(try await pair.ask(about: pair.carry(corrected.file)).verdict == "verified")
    #expect(try await status(pair.hospital, issued.file) == "superseded")

    let revoked = try await pair.hospital.must(
      "sec", "revoke", issued.digest, "--reason", "entered-in-error", "--json")
    let since = try #require((revoked.json as? [String: Any])?["since"] as? String)
    let refused = try await pair.ask(about: carried)
    #expect(refused.status == 1 && refused.verdict == "revoked")
    #expect(refused["revocation"] == "fails entered-in-error")
    // To the second, as the statement says it.
    let told = refused.json["since"] as? String ?? ""
    #expect(told.prefix(19) == since.prefix(19), "\(told) \(since)")
    #expect((refused.json["sentence"] as? String)?.contains(told) == true)
    let content = pair.home.home.path + "/opened.pdf"
    let opened = try await pair.home.run("sec", "open", carried, "--output", content)
    #expect(opened.status == 1 && opened.errors.contains("revoked"), "\(opened.errors)")
    #expect(!FileManager.default.fileExists(atPath: content))
    let again = try await pair.hospital.must("sec", "revoke", issued.digest, "--json")
    #expect((again.json as? [String: Any])?["since"] as? String == since)
    #expect(try await status(pair.hospital, issued.file) == "revoked")
    let foreign = try await pair.home.run("sec", "revoke", issued.digest)
    #expect(foreign.status == 1 && foreign.errors.contains("issuer"), "\(foreign.errors)")
    for node in [pair.home, pair.hospital] { #expect(try await node.isLogClean()) }
  }

  /// What somebody else's reader of statuses, written from docs/format/document-status.md, makes of it.
  private func status(_ node: FlowNode, _ file: String) async throws -> String {
    let inspected = try await node.must("sec", "inspect", file, "--json")
    let proof = (inspected.json as? [String: Any])?["proof"] as? String ?? ""
    let text = try node.home.write("proof.txt", Array(proof.utf8))
    let outcome = try await Program.python("document_status.py", [node.url, node.ca, text])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.lines.first ?? ""
  }

  // MARK: For everybody

  @Test func programsOfStrangersAsk() async throws {
    let pair = try await Pair(.sqlite)
    let word = try pair.hospital.home.write("word.txt", Array("a passphrase of words\n".utf8))
    let open = try await pair.issue("open.sec", "--passphrase-file", word)
    let closed = try await pair.issue("closed.sec", "--to", "self")
    let curl = Curl(node: pair.hospital)
    func ask(_ body: [String: String]) async throws -> Curl.Answer {
      let text = String(
        decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
      return try await curl("POST", "/api/verify", text, type: "application/json")
    }
    func document(_ file: String) throws -> String {
      try Data(contentsOf: URL(fileURLWithPath: file)).base64EncodedString()
    }
    let good = try await ask([
      "document": document(open.file), "passphrase": "a passphrase of words",
    ])
    #expect(good.status == 200, "\(good.body)")
    #expect(good.json?["verdict"] as? String == "verified")
    #expect(good.json?["subject"] as? String == "Patient/p")
    // What is sealed to this very node is not opened for strangers.
    let sealed = try await ask(["document": document(closed.file)])
    #expect(sealed.status == 200 && sealed.json?["verdict"] as? String == "unknown")
    #expect(sealed.json?["subject"] == nil && sealed.json?["created"] == nil)
    try await pair.hospital.must("sec", "revoke", closed.digest)
    #expect(
      try await ask(["document": document(closed.file)]).json?["verdict"] as? String == "revoked")
    let junk = try await ask(["document": "AAAA"])
    #expect(junk.status == 200 && junk.json?["verdict"] as? String == "not-verified")
    #expect(try await ask(["document": "no base64!"]).status == 422)
    #expect(try await ask([:]).status == 422)
    #expect(try await ask(["document": "AAAA", "proof": "x"]).status == 422)
    #expect(try await ask(["file": "AAAA"]).status == 400)
    #expect(try await curl("GET", "/api/verify").status == 405)
    // Two gigabytes are refused before they are read, announced or not.
    let announced = try await curl(
      "POST", "/api/verify", "{}", type: "application/json", "-H", "Content-Length: 2147483648")
    #expect(announced.status == 413, "\(announced.body)")
    let large = try await curl(
      "POST", "/api/verify", String(repeating: "A", count: 30 << 20), type: "application/json",
      "-H", "Transfer-Encoding: chunked")
    #expect(large.status == 413, "\(large.body)")
    // Asking leaves no entry, and the log is clean.
    #expect(try await pair.hospital.isLogClean())
  }

  @Test func aPageForEverybody() async throws {
    let pair = try await Pair(.sqlite)
    let word = try pair.hospital.home.write("word.txt", Array("a passphrase of words\n".utf8))
    let issued = try await pair.issue("open.sec", "--passphrase-file", word)
    let curl = Curl(node: pair.hospital)
    let jar = pair.hospital.home.path + "/jar"
    let page = try await curl("GET", "/verify", nil, type: nil, "-c", jar)
    #expect(page.status == 200 && page.body.contains("16 MiB"), "\(page.status)")
    let token = try #require(page.body.firstMatch(of: #/name="csrf" value="([^"]*)"/#)?.1)
    func drop(_ fields: String..., language: String = "en") async throws -> Curl.Answer {
      var sent = curl
      sent.options = ["-b", jar, "-H", "Accept-Language: \(language)"]
      for field in fields { sent.options += ["-F", field] }
      return try await sent("POST", "/verify")
    }
    let csrf = "csrf=\(token)"
    let file = "file=@\(issued.file)"
    let closed = try await drop(csrf, file, "passphrase=")
    #expect(closed.status == 200 && closed.body.contains("It cannot be told here"))
    #expect(!closed.body.contains("Patient/p"))
    let good = try await drop(csrf, file, "passphrase=a passphrase of words")
    #expect(good.body.contains(">Genuine<") && good.body.contains("Patient/p"))
    try await pair.hospital.must("sec", "revoke", issued.digest)
    let revoked = try await drop(csrf, file, "passphrase=a passphrase of words")
    #expect(revoked.body.contains(">Revoked<") && !revoked.body.contains(">Genuine<"))
    let spanish = try await drop(csrf, file, language: "es")
    #expect(spanish.body.contains("lang=\"es\"") && spanish.body.contains("Revocado"))
    #expect(try await drop(csrf).status == 422)
    #expect(try await drop(file).status == 403)
    #expect(try await drop("csrf=wrong", file).status == 403)
  }
}
