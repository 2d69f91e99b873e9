import Foundation
import TestSupport
import Testing

/// Three served nodes that witness each other's logs.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct WitnessFlowTests {
  private static let every = ["--witness-every", "1s"]

  /// A household, a hospital and an insurer, each paired with the two others.
  private struct Three {
    let home: FlowNode
    let hospital: FlowNode
    let insurer: FlowNode
    var all: [FlowNode] { [home, hospital, insurer] }

    init(_ engine: FlowEngine) async throws {
      home = try await FlowNode(
        "household", name: "Flow household", database: try await engine.cluster())
      hospital = try await FlowNode(
        "organization", name: "Flow hospital", database: try await engine.cluster())
      insurer = try await FlowNode("organization", name: "Flow insurer")
      for node in all { try await node.serve("--witness-every", "1s") }
      for (host, guest) in [(home, hospital), (home, insurer), (hospital, insurer)] {
        let invitation = try await host.must("peer", "invite", "--address", host.address)
        try await guest.must(
          "peer", "accept", try #require(invitation.lines.first), "--address", guest.address)
      }
    }
  }

  private func status(_ node: FlowNode) async throws -> [String: Any] {
    try await node.run("log", "status", "--json").json as? [String: Any] ?? [:]
  }

  private func states(_ node: FlowNode, _ list: String) async throws -> [String: String] {
    let listed = try await status(node)[list] as? [[String: Any]] ?? []
    return Dictionary(
      uniqueKeysWithValues: listed.compactMap { entry in
        guard let name = (entry["title"] ?? entry["name"]) as? String else { return nil }
        return (name, entry["state"] as? String ?? "")
      })
  }

  private func size(_ node: FlowNode) async throws -> Int {
    try await status(node)["size"] as? Int ?? 0
  }

  /// Whether the log's own signatures show two histories: two roots of one size, or the root that the larger
  /// tree has where the smaller one ends.
  private static func isProof(_ evidence: Program.Outcome) throws -> Bool {
    let view = try #require(evidence.json as? [String: Any])
    let sizes = try ["first", "second"].map { name in
      try #require(view[name] as? String).split(separator: "\n")[1]
    }
    return sizes[0] == sizes[1] || view["otherRoot"] != nil
  }

  /// Makes the log of a node longer.
  private func grow(_ node: FlowNode, by count: Int) async throws {
    for _ in 0..<count { try await node.must("audit", "list", "--limit", "1") }
  }

  /// The published checkpoint, once it covers all that is logged and has so many signatures.
  private func published(_ node: FlowNode, signatures: Int) async throws -> String {
    let wanted = try await size(node)
    return try await eventually(
      "a checkpoint of \(wanted) with \(signatures) signatures"
    ) {
      let answer = try await Curl(node: node)("GET", "/log/checkpoint")
      let lines = answer.body.split(separator: "\n", omittingEmptySubsequences: false)
      guard answer.status == 200, lines.count > 3, let size = Int(lines[1]), size >= wanted else {
        return nil
      }
      guard lines.count(where: { $0.hasPrefix("\u{2014} ") }) == signatures else { return nil }
      return answer.body
    }
  }

  /// Puts the tiles of a checkpoint into a folder, as anybody can fetch them.
  private func fetchTiles(_ node: FlowNode, _ checkpoint: String, into folder: String) async throws
  {
    let lines = checkpoint.split(separator: "\n", omittingEmptySubsequences: false)
    let size = try #require(Int(lines[1]))
    try #require(size < 256)
    let path = "tile/0/000.p/\(size)"
    let file = folder + "/" + path
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    let got = try await Program.run(
      "/usr/bin/curl",
      ["--silent", "--fail", "--cacert", node.ca, "--output", file, "\(node.url)/log/\(path)"])
    #expect(got.status == 0, "\(got.errors)")
  }

  @Test(
    .enabled(if: GoChecker.isPossible, "\(GoChecker.absence)"), arguments: FlowEngine.allCases)
  func strangersCheckWhatIsServed(engine: FlowEngine) async throws {
    let three = try await Three(engine)
    let folder = try TemporaryFolder()
    for node in three.all { try await node.must("log", "policy", "--need", "2") }
    for (number, node) in three.all.enumerated() {
      let policy = try folder.write(
        "policy\(number)", Array(try await node.must("log", "policy").output.utf8))
      let old = try await published(node, signatures: 3)
      let oldFile = try folder.write("old\(number)", Array(old.utf8))
      let checked = try await GoChecker.run("policy", policy, oldFile)
      #expect(checked.status == 0 && checked.output.contains("cosigned by 2"), "\(checked.errors)")
      try await grow(node, by: 9)
      let new = try await published(node, signatures: 3)
      let newFile = try folder.write("new\(number)", Array(new.utf8))
      let tiles = folder.path + "/tiles\(number)"
      try await fetchTiles(node, old, into: tiles)
      try await fetchTiles(node, new, into: tiles)
      let compared = try await GoChecker.run("tiles", policy, oldFile, newFile, tiles)
      #expect(
        compared.status == 0 && compared.output.hasSuffix("consistent\n"), "\(compared.errors)")
      // An entry with its proof, checked from its text on.
      let proof = folder.path + "/proof\(number)"
      try await node.must("audit", "prove", "2", "--output", proof)
      let proven = try await GoChecker.run("proof", policy, proof)
      #expect(proven.status == 0 && proven.output.contains("entry 2"), "\(proven.errors)")
      // The checker can say no: another log's policy, a signature less, another tree.
      let other = try folder.write(
        "other\(number)",
        Array(try await three.all[(number + 1) % 3].must("log", "policy").output.utf8))
      #expect(try await GoChecker.run("policy", other, oldFile).status == 1)
      let fewer = old.split(separator: "\n", omittingEmptySubsequences: false).dropLast(2)
        .joined(separator: "\n")
      let fewerFile = try folder.write("fewer\(number)", Array((fewer + "\n").utf8))
      #expect(try await GoChecker.run("policy", policy, fewerFile).status == 1)
    }
  }

  @Test func theLogIsOpenAndCached() async throws {
    let node = try await FlowNode()
    try await node.serve("--witness-every", "1s")
    let curl = Curl(node: node)
    _ = try await published(node, signatures: 1)
    let checkpoint = try await curl("GET", "/log/checkpoint")
    #expect(checkpoint.fields["content-type"] == "text/plain; charset=utf-8")
    #expect(checkpoint.fields["cache-control"] == "public, max-age=2")
    let tile = try await curl("GET", "/log/tile/0/000.p/1")
    #expect(tile.status == 200)
    #expect(tile.fields["content-type"] == "application/octet-stream")
    #expect(tile.fields["cache-control"] == "public, max-age=31536000, immutable")
    #expect(tile.fields["content-length"] == "32")
    for (path, status) in [
      ("/log/tile/0/000", 404), ("/log/tile/0/000.p/0", 404), ("/log/tile/0/000.p/200", 404),
      ("/log/tile/9/000", 404), ("/log/tile/entries/000.p/1", 404), ("/log/entries", 404),
    ] {
      #expect(try await curl("GET", path).status == status, "\(path)")
    }
    #expect(try await curl("POST", "/log/checkpoint", "x").status == 405)
    #expect(try await curl("GET", "/log/add-checkpoint").status == 405)
    func added(_ body: String) async throws -> Int {
      try await curl("POST", "/log/add-checkpoint", body, type: "text/plain").status
    }
    #expect(try await added("") == 400)
    #expect(try await added("old 0\n\n" + checkpoint.body) == 404)
    #expect(try await added(String(repeating: "x", count: 200_000)) == 413)
  }

  /// A hospital is restored from a backup and goes on as if nothing had been.
  @Test(arguments: FlowEngine.allCases)
  func aRestoredNodeIsFoundOut(engine: FlowEngine) async throws {
    let three = try await Three(engine)
    let (home, hospital, insurer) = (three.home, three.hospital, three.insurer)
    for node in three.all { _ = try await published(node, signatures: 3) }
    let address = hospital.address
    try await hospital.stop()
    try await hospital.backUp()
    try await hospital.serve(address: address, "--witness-every", "1s")
    try await grow(hospital, by: 5)
    _ = try await published(hospital, signatures: 3)
    let seen = try await size(hospital)
    try await hospital.stop()
    try await hospital.restore()
    try await hospital.serve(address: address, "--witness-every", "1s")
    try await grow(hospital, by: 1)

    for node in [home, insurer] {
      _ = try await eventually("the alarm") { () -> Bool? in
        try await states(node, "followed")["Flow hospital"] == "forked" ? true : nil
      }
      #expect(try await node.run("log", "status").status == 1)
      #expect(try await node.must("notices").output.contains("two histories"))
      #expect(node.serverOutput.contains("something is wrong with a log"))
      let kinds = try await node.log().filter { $0["kind"] as? String == "integrity-failure" }
      #expect(!kinds.isEmpty)
    }
    _ = try await eventually("the refusals") { () -> Bool? in
      try await states(hospital, "witnesses").values.allSatisfy { $0 == "refused" } ? true : nil
    }
    #expect(try await hospital.must("notices").output.contains("refuses to witness"))
    // The log goes on beyond what was seen: then its own signatures prove what it did. Witnesses may have seen
    // some entries more than were counted before the stop.
    let missing = seen - (try await size(hospital)) + 15
    try await grow(hospital, by: max(1, missing))
    let folder = try TemporaryFolder()
    for node in [home, insurer] {
      let policy = try folder.write(
        "policy", Array(try await hospital.must("log", "policy").output.utf8))
      let file = try await eventually("proven evidence") { () -> String? in
        let followed = try await status(node)["followed"] as? [[String: Any]] ?? []
        guard
          let id = followed.first(where: { $0["name"] as? String == "Flow hospital" })?["evidence"]
            as? String
        else { return nil }
        let evidence = try await node.must("log", "evidence", id)
        guard try Self.isProof(evidence) else { return nil }
        return try folder.write("evidence.json", Array(evidence.output.utf8))
      }
      if GoChecker.isPossible {
        let checked = try await GoChecker.run("evidence", policy, file)
        #expect(
          checked.status == 0 && checked.output.contains("two histories"), "\(checked.errors)")
      }
    }
    // No witness has cosigned anything of the other history, and everything else goes on.
    let shown = try await Curl(node: hospital)("GET", "/log/checkpoint").body
    #expect(Int(shown.split(separator: "\n")[1]) ?? .max < seen)
    try await hospital.must(
      "peer", "request", "Flow household", "--patient-id", "p", "--types", "allergies", "--ttl",
      "1d", "--reason", "Still asking")
    _ = try await eventually("the request") { () -> Bool? in
      try await home.must("consent", "requests", "--pending").output.contains("Flow hospital")
        ? true : nil
    }
    _ = try await published(home, signatures: 3)
    for node in three.all { #expect(try await node.isLogClean()) }
  }

  /// `log monitor` over a node's log, from its first look to the evidence.
  @Test func aMonitorFollowsALog() async throws {
    let node = try await FlowNode()
    try await node.serve("--witness-every", "1s")
    _ = try await published(node, signatures: 1)
    let folder = try TemporaryFolder()
    let policy = try folder.write(
      "policy", Array(try await node.must("log", "policy").output.utf8))
    let watched = folder.path + "/watched"
    func look(_ more: String...) async throws -> Program.Outcome {
      guard let program = Program.path else { throw Program.Failure(Program.absence) }
      var arguments = ["log", "monitor", node.url + "/log", "--ca", node.ca]
      arguments += ["--folder", watched, "--json"]
      if !more.contains("--key") { arguments += ["--policy", policy] }
      if !more.contains("--every") { arguments.append("--once") }
      return try await Program.run(program, arguments + more)
    }
    func finding(_ outcome: Program.Outcome) -> String {
      (outcome.json as? [String: Any])?["finding"] as? String ?? outcome.errors
    }
    let first = try await look("--whole")
    #expect(first.status == 0 && finding(first) == "begun", "\(first.errors)")
    #expect(finding(try await look()) == "unchanged")
    let address = node.address
    try await node.stop()
    let away = try await look()
    #expect(away.status == 1 && finding(away) == "unreachable")
    let backup = node.home.path + "/backup"
    try FileManager.default.copyItem(atPath: node.path, toPath: backup)
    try await node.serve(address: address, "--witness-every", "1s")
    try await grow(node, by: 6)
    _ = try await published(node, signatures: 1)
    #expect(finding(try await look()) == "grown")
    let seen = try await size(node)
    let stranger = try await look(
      "--key", "peerchart/x+52b0bcb8+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    #expect(stranger.status == 1)
    // The node goes back to the copy and on from there.
    try await node.stop()
    try FileManager.default.removeItem(atPath: node.path)
    try FileManager.default.copyItem(atPath: backup, toPath: node.path)
    try await node.serve(address: address, "--witness-every", "1s")
    try await grow(node, by: seen)
    _ = try await published(node, signatures: 1)
    let split = try await look()
    #expect(split.status == 2 && finding(split) == "split-view", "\(split.output)")
    let told = split.json as? [String: Any]
    #expect(told?["isProven"] as? Bool == true)
    let evidence = try #require(told?["evidence"] as? String)
    if GoChecker.isPossible {
      let checked = try await GoChecker.run("evidence", policy, evidence)
      #expect(checked.status == 0, "\(checked.errors)")
    }
    // What was seen is not given up, so that it is found again.
    #expect(try await look().status == 2)
    #expect(try await look("--every", "1s").status == 2)
  }

  /// Ctrl-C ends a monitor in order.
  @Test func aMonitorCanBeEnded() async throws {
    let node = try await FlowNode()
    try await node.serve("--witness-every", "1s")
    _ = try await published(node, signatures: 1)
    let folder = try TemporaryFolder()
    let policy = try folder.write(
      "policy", Array(try await node.must("log", "policy").output.utf8))
    guard let program = Program.path else { throw Program.Failure(Program.absence) }
    let monitor = try ChildProcess(
      program,
      [
        "log", "monitor", node.url + "/log", "--ca", node.ca, "--folder", folder.path + "/w",
        "--policy", policy, "--every", "1s",
      ],
      output: .file(folder.path + "/out"), errors: .file(folder.path + "/err"))
    _ = try await eventually("two looks") { () -> Bool? in
      let text = String(
        decoding: FileManager.default.contents(atPath: folder.path + "/out") ?? Data(),
        as: UTF8.self)
      return text.split(separator: "\n").count >= 2 ? true : nil
    }
    monitor.send(SIGINT)
    #expect(await monitor.ended() == 0)
    #expect(FileManager.default.fileExists(atPath: folder.path + "/w/state.json"))
  }
}
