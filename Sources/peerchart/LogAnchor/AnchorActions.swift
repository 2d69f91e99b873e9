import ArgumentParser
import Exchange
import Foundation
import Node
import PeerNetwork
import Primitives
import TransparencyLog

/// How long a command waits for a chain.
struct AnchorPatience: ParsableArguments {
  @Option(
    help: ArgumentHelp("How long to wait for it.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var wait = TimeSpan(seconds: 120)

  /// Looks again and again until there is something.
  func callAsFunction<Value>(_ look: () async throws -> Value?) async throws -> Value? {
    let end = ContinuousClock.now + .seconds(wait.seconds)
    var pause = Duration.milliseconds(50)
    while true {
      if let value = try await look() { return value }
      guard ContinuousClock.now + pause < end else { return nil }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(5))
    }
  }
}

struct AnchorNow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "now",
    abstract: "Anchor the log as it is now, and wait until the place has it.",
    discussion: """
      On a chain that is a block, at a calendar its promise, at an authority the time-stamp. The server, or \
      this command the next time, follows it until it is final. Exit status 1 where one has failed.
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var patience: AnchorPatience
  @Argument(help: "One provider. Default: all.") var provider: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let anchors = try await AnchorWay(node: node)() { exchange, transport in
      let caller = exchange.nodeOperator()
      let (names, size) = try await exchange.requestAnchors(provider, as: caller)
      var anchors: [LogAnchorSummary] = []
      for name in names {
        var newest: LogAnchorSummary?
        let taken = try await patience {
          newest = try await exchange.pushAnchor(name, over: size, using: transport, as: caller)
          return newest.flatMap { $0.isTaken ? $0 : nil }
        }
        if let anchor = taken ?? newest { anchors.append(anchor) }
      }
      return (anchors, names)
    }
    if json {
      try StandardOutput.json(["anchors": anchors.0])
    } else {
      for anchor in anchors.0 { try StandardOutput.line(anchor.line) }
    }
    guard anchors.0.count == anchors.1.count else {
      throw PeerChartError(
        .conflict, "an earlier anchor is still under way; see `log anchor status`")
    }
    let isDone = anchors.0.allSatisfy { $0.isTaken && $0.finding.state != .failed }
    guard isDone else { throw ExitCode.failure }
  }
}

struct AnchorDeploy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Put the registry on a provider's chain; needed once for each chain.")

  @OptionGroup var node: NodeOptions
  @OptionGroup var patience: AnchorPatience
  @Argument(help: "The provider.") var provider: String

  func run() async throws {
    let registry = try await AnchorWay(node: node)() { exchange, transport in
      let caller = exchange.nodeOperator()
      try await exchange.deployRegistry(provider, as: caller)
      return try await patience {
        try await exchange.pushAnchors(provider, using: transport, as: caller)
        return try await exchange.anchorPlaces(as: caller).first { $0.name == provider }?.registry
      }
    }
    guard let registry else {
      throw PeerChartError(
        .unreachable, "it is in no block yet; the server goes on, see `log anchor status`")
    }
    try StandardOutput.line(registry)
  }
}

struct AnchorRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Write on a chain that a document or a grant is revoked, as a salted hash.",
    discussion: """
      Prints the salt. Only who is given it, with the id, can find the revocation (docs/format/anchors.md).
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var patience: AnchorPatience
  @Argument(help: "The provider.") var provider: String
  @Argument(help: "What is revoked: document or grant.") var subject: String
  @Argument(help: "Its id.") var id: String

  func validate() throws {
    guard RevocationKey.Subject(rawValue: subject) != nil, (1...256).contains(id.utf8.count) else {
      throw ValidationError("a document or a grant is revoked, by an id of 1 to 256 bytes")
    }
  }

  func run() async throws {
    guard let subject = RevocationKey.Subject(rawValue: subject) else { return }
    let (salt, isThere) = try await AnchorWay(node: node)() { exchange, transport in
      let caller = exchange.nodeOperator()
      let salt = try await exchange.anchorRevocation(
        of: subject, id: id, at: provider, as: caller)
      let isThere: Bool? = try await patience {
        try await exchange.pushAnchors(provider, using: transport, as: caller)
        let last = try await exchange.anchors(of: provider, limit: 1, as: caller).last
        return last.flatMap { $0.finding.state == .pending ? nil : $0.finding.state != .failed }
      }
      return (salt, isThere)
    }
    try StandardOutput.line(Hex.encode(salt))
    guard isThere == true else { throw ExitCode.failure }
  }
}

struct AnchorExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Take an anchor away: the checkpoint's text, and the .ots or .tsr beside it.",
    discussion: """
      Checked by others' tools: `ots verify FILE.ots`, and `openssl ts -verify -data FILE -in FILE.tsr \
      -CAfile ROOT.pem`.
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The provider: calendars or an authority.") var provider: String
  @Option(
    help: ArgumentHelp("How many entries it is over. Default: the newest.", valueName: "entries"))
  var size: Int64?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the text goes; the proof has .ots or .tsr behind it.", valueName: "file"))
  var output: String

  func run() async throws {
    let anchor = try await node.withNode {
      try await $0.exchange.exportAnchor(provider, size: size, as: $0.exchange.nodeOperator())
    }
    for (path, bytes) in [
      (output, anchor.text), ("\(output).\(anchor.fileExtension)", anchor.proof),
    ] {
      let file = try NewFile(path)
      try file.write(bytes)
      try file.commit()
      try StandardOutput.line(path)
    }
  }
}

struct LogAnchorVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Hold the log against its anchors, from the chain alone or from the proofs.",
    discussion: "Exit status 1 where something does not fit.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "The provider.") var provider: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let found = try await AnchorWay(node: node)() { exchange, transport in
      try await exchange.verifyAnchors(provider, using: transport, as: exchange.nodeOperator())
    }
    if json {
      try StandardOutput.json(found)
    } else {
      for anchor in found.anchors {
        try StandardOutput.line(
          "\(anchor.size) entries  \(anchor.state.rawValue)  \(anchor.place)"
            + (anchor.time.map { "  \($0)" } ?? ""))
      }
      for finding in found.findings { try StandardOutput.line("DIFFERS  \(finding)") }
      try StandardOutput.line(
        found.verified ? "the log is as it was anchored" : "the log is not as it was anchored")
    }
    guard found.verified else { throw ExitCode.failure }
  }
}
