import Foundation
import TestSupport
import Testing

/// `init --database`, `serve --database`, `migrate`.
@Suite(
  .serialized, .enabled(if: Program.isThere, "\(Program.absence)"),
  .enabled(if: DatabaseCluster.isPossible, "\(DatabaseCluster.absence)"))
struct DatabaseFlowTests {
  @Test func whatAKilledServerHasLoggedMovesWithTheNode() async throws {
    let cluster = try await DatabaseCluster()
    let node = try await FlowNode()
    let patients = (0..<3).map { #"{"resourceType":"Patient","id":"n\#($0)"}"# }
    _ = try await node.take("some.ndjson", Array(patients.joined(separator: "\n").utf8))
    let token = try await node.token()
    try await node.serve()
    let curl = Curl(node: node, token: token)
    for number in 0..<3 {
      #expect(try await curl("GET", "/fhir/Patient/n\(number)").status == 200)
    }
    try await node.stop(SIGKILL)
    let moved = try await Program.run(
      try #require(Program.path),
      [
        "migrate", "--from", node.path, "--to", cluster.url, "--database-password-file",
        cluster.passwordFile,
      ])
    #expect(moved.status == 0, "\(moved.errors)")
    let read = try await node.log().flatMap { $0["entities"] as? [String] ?? [] }
    for number in 0..<3 { #expect(read.contains { $0.hasPrefix("Patient/n\(number)/") }) }
    #expect(try await node.isLogClean())
  }

  @Test func aNodeMovesIntoADatabase() async throws {
    let cluster = try await DatabaseCluster()
    let node = try await FlowNode()
    let lines = (0..<1200).map { #"{"resourceType":"Patient","id":"n\#($0)","active":true}"# }
    _ = try await node.take("many.ndjson", Array(lines.joined(separator: "\n").utf8))
    try await node.serve()
    let move = [
      "migrate", "--from", node.path, "--to", cluster.url, "--database-password-file",
      cluster.passwordFile,
    ]
    func migrate() async throws -> Program.Outcome {
      try await Program.run(try #require(Program.path), move + ["--json"])
    }
    // Not while somebody could still write to the file.
    let early = try await migrate()
    #expect(early.status == 1 && early.errors.contains("stop"), "\(early.errors)")
    try await node.stop()
    let before = try await node.exported()
    // Killed at some moments, it can be made again.
    for delay in [60, 250, 600] {
      let migration = try ChildProcess(try #require(Program.path), move)
      try await Task.sleep(for: .milliseconds(delay))
      migration.send(SIGKILL)
      await migration.ended()
      #expect(try await node.isLogClean())
    }
    let file = try Data(contentsOf: URL(fileURLWithPath: node.path + "/store/node.sqlite"))
    let isThere = try String(contentsOfFile: node.path + "/node.json", encoding: .utf8)
      .contains("postgresql:")
    let moved = try await migrate()
    if isThere {
      #expect(moved.status == 1 && moved.errors.contains("already"))
    } else {
      #expect(moved.status == 0, "\(moved.errors)")
      #expect((moved.json as? [String: Any])?["verified"] as? Bool == true)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: node.path + "/store/node.sqlite")) == file)
    // From here on every command finds the database, and nothing is written to the file.
    #expect(try await node.exported() == before)
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    #expect(try await curl("GET", "/fhir/Patient/n7").status == 200)
    #expect(
      try await curl("PUT", "/fhir/Patient/x", #"{"resourceType":"Patient","id":"x"}"#).status
        == 201)
    try await node.stop()
    #expect(try await node.isLogClean())
    #expect(try await node.exported().count == before.count + 1)
    #expect(try Data(contentsOf: URL(fileURLWithPath: node.path + "/store/node.sqlite")) == file)
    #expect(try await migrate().status == 1)
    // Another node does not go into the same database, neither moved nor made.
    let stranger = try await FlowNode()
    let clash = try await Program.run(
      try #require(Program.path),
      [
        "migrate", "--from", stranger.path, "--to", cluster.url, "--database-password-file",
        cluster.passwordFile,
      ])
    #expect(clash.status == 1 && clash.errors.contains("another node"), "\(clash.errors)")
    #expect(try await stranger.isLogClean())
    await #expect(throws: Program.Failure.self) { try await FlowNode(database: cluster) }
  }

  @Test func addressesAndPasswords() async throws {
    let cluster = try await DatabaseCluster()
    let folder = try TemporaryFolder()
    let wrong = try folder.write("wrong", Array("wrong\n".utf8))
    func initialize(_ arguments: String...) async throws -> Program.Outcome {
      try await Program.run(
        try #require(Program.path),
        ["init", "--data", folder.path + "/data", "--name", "Flow", "--kind", "household"]
          + arguments)
    }
    let open = cluster.url.replacing("peerchart@", with: "peerchart:secret@")
    for (arguments, reason) in [
      (["--database", open], "password does not belong"),
      (["--database", cluster.url, "--database-password-file", wrong], "does not let"),
      (["--database", cluster.url, "--database-password-file", folder.path + "/none"], "read"),
      (["--database", "postgresql://a@127.0.0.1:1/x"], "cannot be reached"),
      (["--database", "mysql://a@b/c"], "postgresql://"),
    ] {
      let outcome = try await Program.run(
        try #require(Program.path),
        ["init", "--data", folder.path + "/data", "--name", "Flow", "--kind", "household"]
          + arguments)
      #expect(outcome.status == 1 && outcome.errors.contains(reason), "\(outcome.errors)")
      #expect(!outcome.errors.contains("secret") && !outcome.errors.contains("wrong\n"))
    }
    let made = try await initialize(
      "--database", cluster.url, "--database-password-file", cluster.passwordFile)
    #expect(made.status == 0, "\(made.errors)")
    let configuration = try String(contentsOfFile: folder.path + "/data/node.json", encoding: .utf8)
    let password = try String(contentsOfFile: cluster.passwordFile, encoding: .utf8)
    #expect(!configuration.contains(password.prefix { $0 != "\n" }))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/data/store/node.sqlite"))
    let again = try await Program.run("audit", "verify", "--data", folder.path + "/data")
    #expect(again.status == 0, "\(again.errors)")
  }
}
