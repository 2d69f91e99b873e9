import Foundation
import Testing

/// Tokens, passphrases and what serving leaves behind, by the commands.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct KeyFlowTests {
  private func tokens(_ node: FlowNode) async throws -> [[String: Any]] {
    let outcome = try await node.must("token", "list", "--json")
    return (outcome.json as? [String: Any])?["tokens"] as? [[String: Any]] ?? []
  }

  @Test func aRevokedTokenIsRefusedAtTheNextRequest() async throws {
    let node = try await FlowNode()
    _ = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
    try await node.serve(insecure: true)
    #expect(try await tokens(node).isEmpty)
    // With and without the name of the subcommand, the token stands alone.
    let token = try await node.token("--name", "First")
    let issued = try await node.must("token", "issue", "--scope", "system/*.rs", "--name", "Second")
    #expect(issued.lines.count == 1 && issued.lines.first?.hasPrefix("pct_") == true)
    let listed = try await tokens(node)
    #expect(Set(listed.compactMap { $0["name"] as? String }) == ["First", "Second"])
    #expect(!(try await node.must("token", "list").output.contains("pct_")))
    let first = try #require(listed.first { $0["name"] as? String == "First" }?["id"] as? String)
    // One connection that stays open: the answer to its second request is another.
    let url = try #require(node.insecureURL)
    let port = try #require(UInt16(url.split(separator: ":").last.map(String.init) ?? ""))
    let connection = try RawConnection(port: port)
    func status() throws -> Int? {
      try connection.send(
        "GET /fhir/Patient/p HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n")
      return connection.receiveAnswer()?.status
    }
    let before = try status()
    try await node.must("token", "revoke", first)
    let after = try status()
    connection.close()
    #expect(before == 200 && after == 401)
    let curl = Curl(node: node, token: token)
    #expect(try await curl("GET", "/fhir/Patient/p").status == 401)
    let other = Curl(node: node, token: issued.lines.first)
    #expect(try await other("GET", "/fhir/Patient/p").status == 200)
    #expect(try await tokens(node).compactMap { $0["name"] as? String } == ["Second"])
    let again = try await node.run("token", "revoke", first)
    #expect(again.status == 1 && again.errors.contains("token list"), "\(again.errors)")
    #expect(try await node.run("token", "revoke").status == 64)
    #expect(try await node.run("token").status == 64)
    #expect(try await node.log().filter { $0["kind"] as? String == "token-revoked" }.count == 1)
    #expect(try await node.isLogClean())
  }

  @Test func thePassphraseIsChanged() async throws {
    let folder = try TemporaryFolder()
    let data = folder.path + "/data"
    let (old, new) = (
      try folder.write("old", Array("correct horse\n".utf8)),
      try folder.write("new", Array("battery staple\n".utf8))
    )
    func run(_ arguments: String...) async throws -> Program.Outcome {
      guard let program = Program.path else { throw Program.Failure(Program.absence) }
      return try await Program.run(program, arguments + ["--data", data])
    }
    let made = try await run(
      "init", "--name", "Locked", "--kind", "household", "--passphrase-file", old)
    #expect(made.status == 0, "\(made.errors)")
    let wrong = try await run(
      "key", "passphrase", "--current-passphrase-file", new, "--passphrase-file", old)
    #expect(wrong.status == 1)
    let changed = try await run(
      "key", "passphrase", "--current-passphrase-file", old, "--passphrase-file", new, "--json")
    #expect(changed.status == 0, "\(changed.errors)")
    #expect((changed.json as? [String: Any])?["changed"] as? Bool == true)
    #expect(try await run("export", "--all", "--passphrase-file", old).status == 1)
    #expect(try await run("export", "--all", "--passphrase-file", new).status == 0)
    #expect(try await run("key", "rotate", "--passphrase-file", new).status == 0)
    #expect(try await run("audit", "verify", "--passphrase-file", new).status == 0)

    let plain = try await FlowNode()
    let refused = try await plain.run("key", "passphrase", "--passphrase-file", new)
    #expect(refused.status == 1 && refused.errors.contains("no passphrase"), "\(refused.errors)")
  }

  /// While it is served a node tells others where; after a clean stop nothing of that is left.
  @Test func theAddressIsGoneAfterACleanStop() async throws {
    let node = try await FlowNode()
    let record = node.path + "/serving.json"
    try await node.serve()
    #expect(FileManager.default.fileExists(atPath: record))
    #expect(try await node.run("peer", "invite").status == 0)
    #expect(try await node.stop() == 0)
    #expect(!FileManager.default.fileExists(atPath: record))
    #expect(try await node.run("peer", "invite").status == 64)
    // After a crash it stays, and the next server sees to it.
    try await node.serve()
    try await node.stop(SIGKILL)
    #expect(FileManager.default.fileExists(atPath: record))
    try await node.serve()
    #expect(try await node.stop() == 0)
    #expect(!FileManager.default.fileExists(atPath: record))
  }
}
