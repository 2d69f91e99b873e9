import Foundation
import TestSupport
import Testing

/// Proofs of the program as it ships, checked by itself without a node and by a checker that was written from
/// docs/format/proof.md (Tests/Interop/proof_check.py).
@Suite(
  .serialized, .enabled(if: Program.isThere, "\(Program.absence)"),
  .enabled(if: PythonService.python != nil, "\(PythonService.absence)"))
struct ProofFlowTests {
  /// A household whose log a hospital witnesses.
  private struct Pair {
    let home: FlowNode
    let hospital: FlowNode
    /// The log's key, and the witness's.
    let keys: [String]
    let policy: String

    init() async throws {
      home = try await FlowNode("household", name: "Flow household")
      hospital = try await FlowNode("organization", name: "Flow hospital")
      for node in [home, hospital] { try await node.serve("--witness-every", "1s") }
      let invitation = try await home.must("peer", "invite", "--address", home.address)
      try await hospital.must(
        "peer", "accept", try #require(invitation.lines.first), "--address", hospital.address)
      let text = try await home.must("log", "policy").output
      policy = try home.home.write("home.policy", Array(text.utf8))
      keys = try ["log ", "witness "].map { keyword in
        let line = try #require(
          text.split(separator: "\n").first { $0.hasPrefix(keyword) })
        return try #require(
          line.split(separator: " ").first { $0.contains("+") }.map { String($0) })
      }
    }

    /// A proof of an entry once a checkpoint over it is cosigned.
    func cosigned(_ arguments: String...) async throws -> String {
      let file = home.home.path + "/cosigned-\(UUID().uuidString).proof"
      _ = try await eventually("a cosigned checkpoint") {
        let made = try await home.run(["audit", "prove"] + arguments + ["--output", file])
        guard made.status == 0 else { throw Program.Failure(made.errors) }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        return text.contains("\nwitness ") ? true : nil
      }
      return file
    }
  }

  private func check(_ file: String, _ arguments: [String]) async throws -> Program.Outcome {
    try await Program.python("proof_check.py", [file] + arguments)
  }

  private func verify(_ file: String, _ arguments: [String]) async throws -> Program.Outcome {
    guard let program = Program.path else { throw Program.Failure(Program.absence) }
    return try await Program.run(program, ["verify", file, "--json"] + arguments)
  }

  private func states(_ outcome: Program.Outcome) -> [String: String] {
    let checks = (outcome.json as? [String: Any])?["checks"] as? [[String: Any]] ?? []
    return Dictionary(
      checks.compactMap { check in
        (check["name"] as? String).map { ($0, check["state"] as? String ?? "") }
      }, uniquingKeysWith: { $1 })
  }

  @Test func aCosignedProofIsCheckedByStrangers() async throws {
    let pair = try await Pair()
    let file = try await pair.cosigned("0")
    let keys = pair.keys.flatMap { ["--key", $0] }
    let checked = try await check(file, keys + ["--need", "1"])
    #expect(checked.status == 0, "\(checked.errors)")
    let found = checked.json as? [String: Any]
    #expect(found?["index"] as? Int == 0 && (found?["witnesses"] as? [Any])?.count == 1)
    for arguments in [keys, ["--policy", pair.policy], ["--data", pair.hospital.path]] {
      let outcome = try await verify(file, arguments)
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
      #expect(
        states(outcome) == [
          "signature": "holds", "issuer": "holds", "inclusion": "holds", "witnesses": "holds",
          "anchors": "unknown",
        ], "\(outcome.output)")
      #expect(
        (outcome.json as? [String: Any])?["leafHash"] as? String == found?["leafHash"] as? String)
    }
    // Without a key nobody knows whose log it is, and nothing fails.
    let unknown = try await verify(file, [])
    #expect(unknown.status == 1 && states(unknown)["issuer"] == "unknown", "\(unknown.output)")
    #expect((unknown.json as? [String: Any])?["verdict"] as? String == "unknown")
    #expect(try await check(file, []).status == 1)
    // Another log's policy.
    let other = try pair.home.home.write(
      "other.policy", Array(try await pair.hospital.must("log", "policy").output.utf8))
    #expect(try await verify(file, ["--policy", other]).status == 1)
    let text = try await Program.run(Program.path ?? "", ["verify", file] + keys)
    #expect(text.status == 0 && text.lines.first == "Verified.")
    #expect(text.output.contains("This log entry is genuine") && text.output.contains("it says  "))
    try await refuseWhatIsWrong(file, pair, keys)
  }

  /// Both checkers refuse the same.
  private func refuseWhatIsWrong(_ file: String, _ pair: Pair, _ keys: [String]) async throws {
    let good = try String(contentsOfFile: file, encoding: .utf8)
    func blocks(_ text: String) -> [String] { text.components(separatedBy: "\n\n") }
    // Under another checkpoint: the proof itself has made the log longer.
    let next = try await eventually("a newer checkpoint") {
      let text = try String(contentsOfFile: try await pair.cosigned("1"), encoding: .utf8)
      return blocks(text)[2] == blocks(good)[2] ? nil : text
    }
    let foreignFile = pair.home.home.path + "/foreign.proof"
    try await pair.hospital.must("audit", "prove", "0", "--output", foreignFile)
    let foreign = try String(contentsOfFile: foreignFile, encoding: .utf8)
    let (a, b, c) = (blocks(good), blocks(next), blocks(foreign))
    let extra = try #require(a[1].split(separator: "\n").first { $0.hasPrefix("extra ") })
    let entry = try #require(Data(base64Encoded: String(extra.dropFirst(6))))
    var changed = entry
    changed[40] ^= 1
    let witness = try #require(a[0].split(separator: "\n").last)
    let wrong: [(String, String)] = [
      ("another-tree", [a[0], b[1], a[2], a[3]].joined(separator: "\n\n")),
      (
        "changed-entry",
        good.replacingOccurrences(
          of: extra, with: "extra " + changed.base64EncodedString())
      ),
      ("foreign-checkpoint", [a[0], a[1], c[2], c[3]].joined(separator: "\n\n")),
      ("foreign-log", [c[0], a[1], a[2], a[3]].joined(separator: "\n\n")),
      ("cosignature-moved", [a[0], b[1], b[2], a[3]].joined(separator: "\n\n")),
      ("truncated", String(good.dropLast(30))), ("cut", String(good.prefix(good.count / 2))),
      ("crlf", good.replacingOccurrences(of: "\n", with: "\r\n")), ("empty", ""),
      ("twice", good + "\n" + good),
      ("witness-twice", good.replacingOccurrences(of: witness, with: "\(witness)\n\(witness)")),
      ("behind", good + "more\n"),
      ("spaces", good.replacingOccurrences(of: "index ", with: "index  ")),
    ]
    for (name, text) in wrong where text != good {
      let path = try pair.home.home.write("\(name).proof", Array(text.utf8))
      let ours = try await verify(path, keys)
      #expect(ours.status == 1, "\(name): \(ours.output)")
      #expect((ours.json as? [String: Any])?["verified"] as? Bool == false, "\(name)")
      let theirs = try await check(path, keys)
      #expect(theirs.status == 1 && theirs.errors.contains("refused:"), "\(name): \(theirs.errors)")
    }
    // Two gigabytes of nothing: no more than the bound is read.
    let huge = pair.home.home.path + "/huge.proof"
    #expect(FileManager.default.createFile(atPath: huge, contents: Data(good.utf8)))
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: huge))
    try handle.truncate(atOffset: 2 << 30)
    try handle.close()
    let ours = try await verify(huge, keys)
    #expect(ours.status == 1 && ours.output.contains("longer than 262144 bytes"), "\(ours.output)")
    #expect(try await check(huge, keys).errors.contains("longer than a proof may be"))
    // A policy that cannot be read is a failure of its own, not of the proof.
    let noPolicy = try await verify(file, ["--policy", file])
    #expect(noPolicy.status == 1 && noPolicy.output.isEmpty, "\(noPolicy.output)")
  }

  @Test func anchorsAreLookedUpByStrangers() async throws {
    let node = try await FlowNode()
    let authority = try TimeStampFolder()
    let stamps = try PythonService("stamp_services.py", [authority.path], lines: 3)
    let chain = try PythonService("chain_node.py", lines: 2)
    let urls = stamps.lines.map { "http://127.0.0.1:\($0)" }
    let rpc = "http://127.0.0.1:\(chain.lines[0])"
    let key = try node.home.write("key", Array("\(chain.lines[1])\n".utf8))
    let root = "\(authority.path)/ca.crt"
    try await node.must(
      "log", "anchor", "provider", "add", "chain", "--evm", rpc, "--chain-id", "1337", "--key-file",
      key, "--depth", "1")
    try await node.must(
      "log", "anchor", "provider", "add", "calendar", "--calendar", urls[0], "--bitcoin-node",
      urls[1], "--depth", "2")
    try await node.must(
      "log", "anchor", "provider", "add", "tsa", "--authority", urls[2], "--trust", root)
    try await node.must("log", "anchor", "deploy", "chain")
    try await node.must("log", "anchor", "now")
    // The calendar's block is there by now; the next look fetches it.
    try await node.must("log", "anchor", "now", "calendar")
    let file = node.home.path + "/anchored.proof"
    try await node.must("audit", "prove", "0", "--output", file)
    let policy = try await node.must("log", "policy").output
    let log = try #require(
      policy.split(separator: "\n").first { $0.hasPrefix("log ") }?.dropFirst(4))
    let known = ["--key", String(log)]
    func anchors(_ outcome: Program.Outcome) -> [String: String] {
      let list = (outcome.json as? [String: Any])?["anchors"] as? [[String: Any]] ?? []
      return Dictionary(
        list.compactMap { one in
          (one["kind"] as? String).map { ($0, one["state"] as? String ?? "") }
        }, uniquingKeysWith: { $1 })
    }
    let all = ["chain": "holds", "calendar": "holds", "authority": "holds"]
    let theirs = try await check(file, known + ["--rpc", rpc, "--ots", "--ca", root])
    #expect(theirs.status == 0 && anchors(theirs) == all, "\(theirs.output)\(theirs.errors)")
    let looked = known + ["--rpc", rpc, "--bitcoin", urls[1], "--ca", root]
    let ours = try await verify(file, looked)
    #expect(ours.status == 0 && anchors(ours) == all, "\(ours.output)\(ours.errors)")
    // Offline they are unknown, and the proof holds all the same.
    let offline = try await verify(file, known)
    #expect(offline.status == 0 && Set(anchors(offline).values) == ["unknown"], "\(offline.output)")
    // Evidence of another checkpoint under this one's proof.
    let good = try String(contentsOfFile: file, encoding: .utf8)
    try await node.must("log", "anchor", "now", "tsa")
    let later = node.home.path + "/later.proof"
    try await node.must("audit", "prove", "6", "--output", later)
    for keyword in ["tsr ", "ots ", "transaction "] {
      func line(_ path: String) throws -> String? {
        try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
          .first { $0.hasPrefix(keyword) }
      }
      let own = try #require(try line(file))
      let other =
        try line(later).flatMap { $0 == own ? nil : $0 }
        ?? (keyword == "transaction " ? keyword + "0x" + String(repeating: "ab", count: 32) : nil)
      guard let other else { continue }
      let moved = try node.home.write(
        "moved.proof", Array(good.replacingOccurrences(of: own, with: other).utf8))
      let refused = try await verify(moved, looked)
      // A transaction that the node does not know may come yet.
      #expect(refused.status == (keyword == "transaction " ? 0 : 1), "\(keyword) \(refused.output)")
      let status = try await check(moved, known + ["--rpc", rpc, "--ots", "--ca", root]).status
      #expect(status == 1, "\(keyword)")
    }
  }

  @Test func aDocumentsProofIsRefreshed() async throws {
    let pair = try await Pair()
    let note = try pair.home.home.write("note.txt", Array("a note\n".utf8))
    let old = pair.home.home.path + "/note.sec"
    let new = pair.home.home.path + "/newer.sec"
    try await pair.home.must("sec", "issue", note, "--to", "Flow hospital", "--output", old)
    _ = try await eventually("a cosigned checkpoint over the document") {
      try await pair.home.must("sec", "refresh", old, "--output", new)
      let shown = try await Program.run(Program.path ?? "", ["sec", "inspect", "--json", new])
      let proof = (shown.json as? [String: Any])?["proof"] as? String
      return proof?.contains("\nwitness ") == true ? true : nil
    }
    for file in [old, new] {
      let outcome = try await pair.hospital.run("sec", "verify", file)
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }
    let (before, after) = (
      try Data(contentsOf: URL(fileURLWithPath: old)),
      try Data(contentsOf: URL(fileURLWithPath: new))
    )
    let section = try #require(before.range(of: Data("SECPROOF".utf8))).lowerBound
    #expect(before != after && before[..<section] == after[..<section])
    // The section by itself is a proof like any other.
    let shown = try await Program.run(Program.path ?? "", ["sec", "inspect", "--json", new])
    let text = try #require((shown.json as? [String: Any])?["proof"] as? String)
    let proof = try pair.home.home.write("section.proof", Array(text.utf8))
    let keys = pair.keys.flatMap { ["--key", $0] }
    #expect(try await check(proof, keys + ["--need", "1"]).status == 0)
    let outcome = try await verify(proof, keys)
    #expect(
      outcome.status == 0 && outcome.output.contains(#""kind":"document""#), "\(outcome.output)")
    // Only the issuer has newer ones; a whole document is not a proof.
    #expect(try await pair.hospital.run("sec", "refresh", old, "--output", new).status == 1)
    let whole = try await verify(old, keys)
    #expect(whole.status == 1 && whole.errors.contains("sec verify"), "\(whole.errors)")
  }
}
