import Foundation
import Testing

/// What nobody should send, and machines that fail: a clear error, nothing half-written.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct BadInputFlowTests {
  private static let start = #"{"resourceType":"Patient","id":"x","#

  /// A text, by name, and the words that its refusal must have: a code, and a place.
  static let texts: [(name: String, bytes: [UInt8], code: String, place: String)] = [
    ("truncated", Array((start + #""name":[{"family":"Abc"#).utf8), "malformed", "byte"),
    (
      "deep",
      Array((start + #""extension":"#).utf8) + Array(repeating: 0x5B, count: 10_000)
        + Array(repeating: 0x5D, count: 10_000) + [0x7D], "too-large", "byte"
    ),
    ("duplicate", Array((start + #""active":true,"active":false}"#).utf8), "malformed", "active"),
    (
      "utf8", Array((start + #""name":[{"family":""#).utf8) + [0xC3, 0x28] + Array(#""}]}"#.utf8),
      "malformed", "byte"
    ),
    ("nan", Array((start + #""multipleBirthInteger":NaN}"#).utf8), "malformed", "byte"),
    ("infinity", Array((start + #""multipleBirthInteger":Infinity}"#).utf8), "malformed", "byte"),
    ("leading-zero", Array((start + #""multipleBirthInteger":01}"#).utf8), "malformed", "byte"),
    ("surrogate", Array((start + #""name":[{"family":"\ud800"}]}"#).utf8), "malformed", "byte"),
    ("type", Array(#"{"resourceType":"Patience"}"#.utf8), "invalid", "resourceType"),
    ("no-type", Array(#"{"id":"x"}"#.utf8), "invalid", "$"),
    (
      "not-a-reference",
      Array(#"{"resourceType":"Observation","subject":{"reference":"a b"}}"#.utf8), "invalid",
      "Observation.subject.reference"
    ),
    (
      "nowhere",
      Array(#"{"resourceType":"Observation","subject":{"reference":"urn:uuid:5"}}"#.utf8),
      "invalid", "Observation.subject.reference"
    ),
    ("empty", [], "malformed", ""),
    ("zeros", Array(repeating: 0, count: 4096), "malformed", "byte"),
  ]

  private func fault(_ outcome: Program.Outcome) -> (code: String, place: String, reason: String) {
    let files = (outcome.json as? [String: Any])?["files"] as? [[String: Any]]
    let fault = (files?.first?["faults"] as? [[String: Any]])?.first
    return (
      fault?["code"] as? String ?? "", fault?["place"] as? String ?? "",
      fault?["reason"] as? String ?? ""
    )
  }

  @Test func badTextsAreRefusedByImportAndAPIAlike() async throws {
    let node = try await FlowNode()
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    for (name, bytes, code, place) in Self.texts {
      let outcome = try await node.take(name + ".json", bytes)
      let fault = fault(outcome)
      #expect(
        outcome.status == 1 && fault.code == code
          && (place.isEmpty || fault.place.contains(place)),
        "\(name): \(outcome.output)\(outcome.errors)")
      #expect(!fault.reason.contains("Abc"))
      let file = try node.home.write(name + ".body", bytes)
      let type =
        bytes.starts(with: Array(#"{"resourceType":"Obs"#.utf8)) ? "Observation" : "Patient"
      let answer = try await curl(
        "POST", "/fhir/\(type)", nil, type: nil, "--data-binary", "@" + file, "-H",
        "Content-Type: application/fhir+json")
      #expect([400, 413, 422].contains(answer.status), "\(name): \(answer.status) \(answer.body)")
      #expect(!answer.issue.text.isEmpty && !answer.body.contains("Abc"), "\(name)")
      if type == "Observation" { #expect(answer.issue.place.contains(place), "\(name)") }
    }
    #expect(try await node.exported().isEmpty)
    #expect(try await node.isLogClean())
  }

  /// More bytes, entries or numbers than anybody needs: refused or taken, in bounded memory.
  @Test func hugeInputIsBounded() async throws {
    let node = try await FlowNode()
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    func sparse(_ name: String, _ head: String, _ size: UInt64, _ tail: String) throws -> String {
      let path = try node.home.write(name, Array(head.utf8))
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.truncate(atOffset: size)
      try file.seekToEnd()
      try file.write(contentsOf: Data(tail.utf8))
      try file.close()
      return path
    }
    let million = try node.home.write(
      "million.json",
      Array(#"{"resourceType":"Bundle","type":"collection","entry":[{}"#.utf8)
        + Array(repeatElement(Array(",{}".utf8), count: 1_000_000).joined()) + Array("]}".utf8))
    let files = [
      // 200 MB of NUL behind a good beginning; 300 MB are beyond what is read at all.
      try sparse("200mb.json", #"{"resourceType":"Patient","x":""#, 200 << 20, "\"}"),
      try sparse("300mb.json", #"{"resourceType":"Patient","x":""#, 300 << 20, "\"}"),
      million,
      try node.home.write(
        "numbers.json",
        Array(#"{"resourceType":"Patient","x":[1"#.utf8)
          + Array(repeatElement(Array(",1".utf8), count: 9_000_000).joined()) + Array("]}".utf8)),
    ]
    for file in files {
      let outcome = try await limited(node, ["import", "--json", file])
      #expect(
        outcome.status == 1, "\(file): \(outcome.output.prefix(300))\(outcome.errors.prefix(300))")
      #expect(["malformed", "too-large", "invalid"].contains(fault(outcome).code), "\(file)")
      let answer = try await curl(
        "POST", "/fhir", nil, type: nil, "--data-binary", "@" + file, "-H",
        "Content-Type: application/fhir+json")
      #expect([0, 400, 413, 422].contains(answer.status), "\(file): \(answer.status)")
      #expect(try await Curl(node: node)("GET", "/health").status == 200, "\(file)")
    }
    // Good resources, very many: they are stored.
    let batch = Program.isFull ? 200_000 : 5000
    let lines = (0..<batch).map { #"{"resourceType":"Patient","id":"m\#($0)"}"# }
    let outcome = try await node.take("many.ndjson", Array(lines.joined(separator: "\n").utf8))
    #expect(outcome.status == 0)
    #expect(try await node.exported().count == batch)
    let peak = try peakMemory(of: node.processIdentifier)
    #expect(peak < 2 << 30, "the server took \(peak >> 20) MiB")
  }

  /// Runs a command that may take 3 GiB of memory and no more.
  private func limited(_ node: FlowNode, _ arguments: [String]) async throws -> Program.Outcome {
    let program = try #require(Program.path)
    return try await Program.run(
      "/bin/bash",
      ["-c", "ulimit -d 3145728; exec \"$@\"", "bash", program] + arguments + ["--data", node.path])
  }

  private func peakMemory(of process: Int32) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first).flatMap { Int($0) }
      .map { $0 << 10 } ?? 0
  }

  /// Each resource goes into the chart of the patient it is about.
  @Test func aBundleAboutTwoPatients() async throws {
    let node = try await FlowNode()
    let bundle = """
      {"resourceType":"Bundle","type":"collection","entry":[
       {"resource":{"resourceType":"Patient","id":"one"}},{"resource":{"resourceType":"Patient","id":"two"}},
       {"resource":{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/one"}}},
       {"resource":{"resourceType":"Condition","id":"c2","subject":{"reference":"Patient/two"}}}]}
      """
    #expect(try await node.take("two.json", Array(bundle.utf8)).status == 0)
    let one = try await node.must("export", "--patient", "one").output
    #expect(one.contains(#""c1""#) && !one.contains(#""c2""#))
  }

  /// A body that stops half-way leaves nothing, and the server goes on.
  @Test func aBodyThatStopsHalfWay() async throws {
    let node = try await FlowNode()
    try await node.serve(insecure: true)
    let token = try await node.token()
    let url = try #require(node.insecureURL)
    let port = try #require(UInt16(url.split(separator: ":").last.map(String.init) ?? ""))
    let head =
      "PUT /fhir/Patient/half HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
      + "Content-Type: application/fhir+json\r\n"
    let whole = #"{"resourceType":"Patient","id":"half"}"#
    for (framing, body) in [
      ("Transfer-Encoding: chunked\r\n\r\n", "26\r\n" + whole + "\r\n"),
      ("Transfer-Encoding: chunked\r\n\r\n", "2000\r\n" + whole),
      ("Content-Length: 4000\r\n\r\n", whole),
    ] {
      let connection = try RawConnection(port: port)
      try connection.send(head + framing + body)
      connection.close()
    }
    // Framing that two readers could take for two things is refused.
    for framing in [
      "Content-Length: 38\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Content-Length: 38\r\nContent-Length: 2\r\n\r\n\(whole)", "Transfer-Encoding: x\r\n\r\n",
      "Content-Length: -1\r\n\r\n",
    ] {
      let connection = try RawConnection(port: port)
      try connection.send(head + framing)
      let status = connection.receiveHead().flatMap {
        Int($0.split(separator: " ").dropFirst().first ?? "")
      }
      #expect((status ?? 400) >= 400, "\(framing)")
      connection.close()
    }
    let curl = Curl(node: node, token: token)
    #expect(try await curl("GET", "/fhir/Patient/half").status == 404)
    #expect(try await curl("PUT", "/fhir/Patient/half", whole).status == 201)
    #expect(try await node.isLogClean())
  }

  @Test func aFolderOfANewerVersion() async throws {
    let node = try await FlowNode()
    let marker = node.path + "/node.json"
    let text = try String(contentsOfFile: marker, encoding: .utf8)
    let newer = text.replacing("\"version\" : 1", with: "\"version\" : 99")
    #expect(newer != text)
    try newer.write(toFile: marker, atomically: true, encoding: .utf8)
    for command in [
      ["export", "--all"], ["serve", "--listen", "127.0.0.1:0"], ["audit", "verify"],
    ] {
      let outcome = try await node.run(command)
      #expect(outcome.status == 1 && outcome.errors.contains("newer version"), "\(outcome.errors)")
    }
    try "{\"version\":".write(toFile: marker, atomically: true, encoding: .utf8)
    #expect(try await node.run("export", "--all").errors.contains("damaged"))
    try text.write(toFile: marker, atomically: true, encoding: .utf8)
    let script =
      "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]);"
      + "d.execute(\"insert into grdb_migrations values('999-later')\"); d.commit()"
    let changed = try await Program.run(
      "/usr/bin/python3", ["-c", script, node.path + "/store/node.sqlite"])
    #expect(changed.status == 0, "\(changed.errors)")
    let outcome = try await node.run("export", "--all")
    #expect(outcome.status == 1 && outcome.errors.contains("newer version"), "\(outcome.errors)")
  }

  @Test func aDamagedKeyOrDatabaseIsNamed() async throws {
    let node = try await FlowNode()
    let key = node.path + "/keys/root.key"
    let good = try Data(contentsOf: URL(fileURLWithPath: key))
    for bad in [Data(), Data(good.dropLast(3)), good + Data("x".utf8)] {
      try bad.write(to: URL(fileURLWithPath: key))
      let outcome = try await node.run("export", "--all")
      #expect(outcome.status == 1 && outcome.errors.hasPrefix("peerchart: "), "\(outcome.errors)")
    }
    try good.write(to: URL(fileURLWithPath: key))
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
    #expect(try await node.run("export", "--all").status == 1)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    #expect(try await node.run("export", "--all").status == 0)
    let other = try await FlowNode()
    try FileManager.default.removeItem(atPath: key)
    try FileManager.default.copyItem(atPath: other.path + "/keys/root.key", toPath: key)
    #expect(try await node.run("export", "--all").status == 1)
    try good.write(to: URL(fileURLWithPath: key))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    try Data(
      "not a database, and longer than the head of one, which has one hundred bytes ......".utf8
    )
    .write(to: URL(fileURLWithPath: node.path + "/store/node.sqlite"))
    let outcome = try await node.run("export", "--all")
    #expect(outcome.status == 1 && outcome.errors.hasPrefix("peerchart: "), "\(outcome.errors)")
  }

  /// A disk that fills up while charts come in: what was acknowledged stays, the rest is refused.
  @Test(.enabled(if: Mount.isPossible, "mounting a small disk needs root"))
  func aFullDisk() async throws {
    let node = try await FlowNode()
    let disk = try await Mount(megabytes: 8, at: node.home.path + "/disk")
    let data = node.home.path + "/disk/data"
    let program = try #require(Program.path)
    func run(_ arguments: String...) async throws -> Program.Outcome {
      try await Program.run(program, arguments + ["--data", data])
    }
    #expect(try await run("init", "--name", "Small", "--kind", "household").status == 0)
    let noise = (0..<40).map { _ in UInt8.random(in: 97...122) }
    var refused = false
    var acknowledged = 0
    for round in 0..<300 where !refused {
      let lines = (0..<100).map { number -> String in
        let random = (0..<30).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
        return #"{"resourceType":"Patient","id":"r\#(round)n\#(number)","language":"\#(random)"}"#
      }
      let file = try node.home.write("r\(round).ndjson", Array(lines.joined(separator: "\n").utf8))
      let outcome = try await run("import", "--json", file)
      if outcome.status == 0 {
        acknowledged += 100
      } else {
        refused = true
        let text = outcome.errors + outcome.output
        #expect(
          text.contains("full") || text.contains("storage") || text.contains("space"), "\(text)")
      }
    }
    #expect(refused && acknowledged > 0, "\(noise.count)")
    // Room again: everything that was acknowledged is there, and the log is whole.
    try await disk.grow(megabytes: 64)
    let exported = try await run("export", "--all")
    #expect(exported.lines.count >= acknowledged)
    #expect(exported.lines.count.isMultiple(of: 100))
    #expect(try await run("audit", "verify").status == 0)
    try await disk.remove()
  }

  @Test(.enabled(if: Mount.isPossible, "mounting a small disk needs root"))
  func aReadOnlyFolder() async throws {
    let node = try await FlowNode()
    let disk = try await Mount(megabytes: 64, at: node.home.path + "/disk")
    let data = node.home.path + "/disk/data"
    let program = try #require(Program.path)
    let made = try await Program.run(
      program, ["init", "--name", "Small", "--kind", "household", "--data", data])
    #expect(made.status == 0)
    try await disk.makeReadOnly()
    let file = try node.home.write("p.json", Array(ServeFlowTests.patient.utf8))
    for arguments in [
      ["import", file], ["serve", "--listen", "127.0.0.1:0"],
      ["init", "--name", "Again", "--kind", "household"],
    ] {
      let outcome = try await Program.run(program, arguments + ["--data", data])
      #expect(
        outcome.status == 1 && outcome.errors.hasPrefix("peerchart: "),
        "\(arguments): \(outcome.errors)")
    }
    let elsewhere = try await Program.run(
      program,
      ["init", "--name", "New", "--kind", "household", "--data", node.home.path + "/disk/new"])
    #expect(elsewhere.status == 1 && elsewhere.errors.contains("writ"))
    try await disk.remove()
  }
}
