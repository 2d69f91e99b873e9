import ArgumentParser
import Exchange
import Identity
import Node
import Primitives

struct AccreditorKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Print this node's name and key, for those who take its word.")

  @OptionGroup var node: NodeOptions

  func run() async throws {
    let accreditor = try await node.withNode { $0.exchange.asAccreditor }
    try StandardOutput.write(accreditor.json + [0x0A])
  }
}

struct AccreditorTrust: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust",
    abstract: "Take an accreditor's word on organizations.",
    discussion: """
      The file is what `accreditor key` prints at the accreditor's node; - is standard input. Compare \
      the id that is printed with the one that the accreditor publishes.
      """)

  /// Bytes of such a file.
  static let longest = 64 << 10

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The accreditor's key.", valueName: "file.json")) var file: String

  func run() async throws {
    let json = try FileSource(path: file).readAll(limit: Self.longest)
    let trusted = try await node.withNode {
      try await $0.exchange.trustAccreditor(json, as: $0.exchange.nodeOperator())
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
      try StandardOutput.line("\(accreditor.id)  \(accreditor.name)")
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
