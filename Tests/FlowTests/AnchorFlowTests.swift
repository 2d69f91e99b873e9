import Foundation
import TestSupport
import Testing

/// The log anchored outside with the program as it ships, and checked by programs that are not ours.
@Suite(
  .serialized, .enabled(if: Program.isThere, "\(Program.absence)"),
  .enabled(if: PythonService.python != nil, "\(PythonService.absence)"))
struct AnchorFlowTests {
  /// The chain of the folder `shared` where that is there, else our own.
  private func chain() async throws -> (service: PythonService, url: String, key: String) {
    let other = SharedFolder.url?.appendingPathComponent("peers/evm_node.py").path
    guard let other, FileManager.default.fileExists(atPath: other) else {
      let service = try PythonService("chain_node.py", lines: 2)
      return (service, "http://127.0.0.1:\(service.lines[0])", service.lines[1])
    }
    let port = try FreePort.next()
    let service = try PythonService(other, [String(port)], lines: 1)
    let url = "http://127.0.0.1:\(port)"
    // It prints its key before it listens.
    _ = try await eventually("the chain") {
      let outcome = try await Program.run("/usr/bin/curl", ["--silent", "--data", "{}", url])
      return outcome.status == 7 ? nil : true
    }
    let key = service.lines[0].split(separator: " ").last.map(String.init) ?? ""
    return (service, url, key)
  }

  private func anchors(_ node: FlowNode) async throws -> [[String: Any]] {
    let outcome = try await node.must("log", "anchor", "status", "--limit", "1000", "--json")
    return (outcome.json as? [String: Any])?["anchors"] as? [[String: Any]] ?? []
  }

  @Test func aHundredCheckpointsOnAChain() async throws {
    let node = try await FlowNode()
    let (service, url, key) = try await chain()
    _ = service
    let file = try node.home.write("key", Array("\(key)\n".utf8))
    try await node.must(
      "log", "anchor", "provider", "add", "chain", "--evm", url, "--chain-id", "1337", "--key-file",
      file, "--depth", "1", "--every", "1s")
    try await node.must("log", "anchor", "deploy", "chain")
    for _ in 0..<40 { try await node.must("log", "anchor", "now", "chain") }
    // A server and the command work on the same anchors, and the server is killed in the middle of it.
    for _ in 0..<5 {
      try await node.serve()
      async let one = node.run("log", "anchor", "now", "chain")
      async let other = node.run("log", "anchor", "now", "chain")
      try await node.stop(SIGKILL)
      let outcomes = try await [one, other]
      #expect(outcomes.map(\.status) == [0, 0], "\(outcomes.map(\.errors))")
    }
    while try await anchors(node).count(where: { $0["subject"] as? String == "checkpoint" }) < 100 {
      try await node.must("log", "anchor", "now", "chain")
    }
    let verified = try await node.must("log", "anchor", "verify", "chain", "--json")
    let found = verified.json as? [String: Any]
    let sizes = (found?["anchors"] as? [[String: Any]])?.compactMap { $0["size"] as? Int } ?? []
    #expect(found?["verified"] as? Bool == true, "\(verified.output.prefix(500))")
    #expect(sizes.count >= 100 && sizes == Array(Set(sizes)).sorted())
    let gas = try await anchors(node).filter { $0["subject"] as? String == "checkpoint" }
      .compactMap { $0["gasUsed"] as? Int }
    #expect(gas.count == sizes.count && gas.first ?? 0 < 75_000)
    #expect(gas.dropFirst().max() ?? .max < 45_000)
    #expect(try await node.isLogClean())
    #expect(
      !(try await node.must("log", "anchor", "provider", "list", "--json")).output.contains(key))
  }

  @Test func othersToolsTakeOurStamps() async throws {
    let node = try await FlowNode()
    let folder = try TimeStampFolder()
    let service = try PythonService("stamp_services.py", [folder.path], lines: 3)
    let urls = service.lines.map { "http://127.0.0.1:\($0)" }
    try await node.must(
      "log", "anchor", "provider", "add", "calendar", "--calendar", urls[0], "--bitcoin-node",
      urls[1], "--depth", "2")
    try await node.must(
      "log", "anchor", "provider", "add", "tsa", "--authority", urls[2], "--trust",
      "\(folder.path)/ca.crt")
    try await node.must("log", "anchor", "now")
    // The calendar's block is there by now; the next look fetches it.
    try await node.must("log", "anchor", "now", "calendar")
    let text = node.home.path + "/checkpoint"
    let size =
      try #require(
        try await anchors(node).first {
          ($0["finding"] as? [String: Any])?["state"] as? String == "final"
            && $0["provider"] as? String == "calendar"
        }?["finding"] as? [String: Any])["size"] as? Int
    try await node.must(
      "log", "anchor", "export", "calendar", "--size", String(size ?? 0), "--output", text)
    let python = try #require(PythonService.python)
    let ots = URL(fileURLWithPath: python).deletingLastPathComponent().appendingPathComponent("ots")
    let checked = try await Program.run(
      python,
      [
        ots.path, "--no-cache", "--no-default-whitelist", "-l", urls[0], "--btc-regtest",
        "--bitcoin-node", urls[1], "verify", text + ".ots",
      ])
    #expect(
      checked.status == 0 && (checked.output + checked.errors).contains("Success"),
      "\(checked.output)\(checked.errors)")
    let stamp = node.home.path + "/stamped"
    try await node.must("log", "anchor", "export", "tsa", "--output", stamp)
    let openssl = try folder.openssl([
      "ts", "-verify", "-data", stamp, "-in", stamp + ".tsr", "-CAfile", "ca.crt",
    ])
    #expect(openssl.status == 0 && openssl.output.contains("Verification: OK"), "\(openssl.output)")
    for provider in ["calendar", "tsa"] {
      try await node.must("log", "anchor", "verify", provider)
    }
    // Both tools notice one byte that is another.
    try Data("x".utf8).write(to: URL(fileURLWithPath: stamp))
    #expect(
      try folder.openssl([
        "ts", "-verify", "-data", stamp, "-in", stamp + ".tsr", "-CAfile", "ca.crt",
      ]).status != 0)
  }

  /// Compiled anew, the contract is byte for byte what the program carries.
  @Test func theContractIsTheOneThatIsCommitted() async throws {
    let python = try #require(PythonService.python)
    let script = Program.root.appendingPathComponent("Scripts/contracts").path
    let outcome = try await Program.run(python, [script, "--check"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
