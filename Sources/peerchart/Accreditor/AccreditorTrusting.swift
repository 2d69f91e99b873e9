import ArgumentParser
import Exchange
import Identity
import Node
import Primitives

struct AccreditorKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Print this node's name and key, for those who take its word.",
    discussion: """
      With it goes where this node is asked for its newest word: where it is served, or --address. \
      Without either, those who are not paired with it cannot ask.

      Example:
        peerchart --data board accreditor key --address board.example.org:8443 > board.json
      """)

  @OptionGroup var node: NodeOptions
  @Option(
    help: ArgumentHelp(
      "Where this node is asked; repeatable. Default: where it served last.",
      valueName: "host:port"),
    transform: NodeAddress.init(argument:))
  var address: [NodeAddress] = []

  func run() async throws {
    let accreditor = try await node.withNode { node in
      let addresses = address.isEmpty ? ServingRecord.addresses(of: node) : address
      return addresses.isEmpty
        ? node.exchange.asAccreditor : try node.exchange.asAccreditor(at: addresses)
    }
    try StandardOutput.write(accreditor.json + [0x0A])
  }
}

struct AccreditorTrust: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust",
    abstract: "Take an accreditor's word on organizations.",
    discussion: """
      The file is what `accreditor key` prints at the accreditor's node; - is standard input. Compare \
      the id that is printed with the one that the accreditor publishes. Trusting it once more changes \
      how far its word is taken.

      Examples:
        peerchart --data home accreditor trust board.json --fresh 30d
        peerchart --data home accreditor trust sanctions.json --withdrawals-only
      """)

  /// Bytes of such a file.
  static let longest = 64 << 10

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The accreditor's key.", valueName: "file.json")) var file: String
  @Option(
    help: ArgumentHelp(
      """
      How old the newest that is known of it about an organization may be for that to be shown as \
      verified; `entity refresh` asks. Default: as long as the statement holds.
      """, valueName: "time"),
    transform: TimeSpan.init(argument:))
  var fresh: TimeSpan?
  @Flag(help: "Take only what it says against organizations: suspended, revoked, replaced.")
  var withdrawalsOnly = false

  func run() async throws {
    let json = try FileSource(path: file).readAll(limit: Self.longest)
    let policy = AccreditorPolicy(freshness: fresh?.seconds, withdrawalsOnly: withdrawalsOnly)
    let trusted = try await node.withNode {
      try await $0.exchange.trustAccreditor(json, policy: policy, as: $0.exchange.nodeOperator())
    }
    try StandardOutput.line("\(trusted.id)  \(trusted.name)")
  }
}

struct AccreditorList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the accreditors whose word this node takes.")

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let accreditors = try await node.withNode {
      try await $0.exchange.accreditors(as: $0.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["accreditors": accreditors]) }
    for accreditor in accreditors {
      let policy = [
        accreditor.withdrawalsOnly ? "withdrawals only" : nil,
        accreditor.freshness.map { "known within \($0) s" },
        accreditor.addresses.isEmpty
          ? nil : "asked at \(accreditor.addresses.joined(separator: ", "))",
      ].compactMap { $0 }
      try StandardOutput.line(
        (["\(accreditor.id)  \(accreditor.name)"] + policy).joined(separator: "; "))
    }
  }
}

struct AccreditorRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Take an accreditor's word no more: what it said counts for nothing at once.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "The accreditor's id; `accreditor list` shows it.") var id: String

  func run() async throws {
    try await node.withNode {
      try await $0.exchange.removeAccreditor(id, as: $0.exchange.nodeOperator())
    }
  }
}
