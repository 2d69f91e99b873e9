import ArgumentParser
import Exchange
import Node
import Primitives

struct EntityAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract:
      "Keep statements about organizations; those about this node go out with its requests.",
    discussion: """
      The file holds statements as `entity issue` prints them, one on each line, or what an accreditor \
      serves at /entities/NODE-ID; - is standard input. Statements of somebody whose word is not taken \
      here are refused, but for this node's own accreditation.

      Example:
        peerchart --data ward entity add ward.jws
      """)

  /// Bytes of such a file.
  private static let longest = 2 << 20

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The statements.", valueName: "file")) var file: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let bytes = try FileSource(path: file).readAll(limit: Self.longest)
    let added = try await node.withNode {
      try await $0.exchange.addEntityStatements(bytes, as: $0.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(added) }
    try StandardOutput.line("\(added.added) new")
    if added.isShown { try StandardOutput.line("kept to be shown with this node's requests") }
    for entity in added.entities { try StandardOutput.line(entity.text) }
  }
}

struct EntityRefreshCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh",
    abstract: "Ask the accreditors whose word is taken for their newest.",
    discussion: """
      Asked is who gave an address with the key, or is paired, over a connection that is pinned to its \
      node. The accreditor learns about which organizations this node asks. The exit status is 0 only if \
      every accreditor answered.

      Examples:
        peerchart --data home entity refresh
        peerchart --data home entity refresh "Exampleville General"
      """)

  @OptionGroup var node: NodeOptions
  @Argument(
    help: ArgumentHelp("Only this organization's node. Default: all known.", valueName: "node"))
  var entity: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let refresh = try await node.withNode { node in
      var asked: NodeID?
      if let entity { asked = try await node.entityID(entity) }
      let only = asked
      return try await node.withTransport { transport in
        try await node.exchange.refreshEntities(
          only, using: transport, as: node.exchange.nodeOperator())
      }
    }
    if json { try StandardOutput.json(refresh) } else { try print(refresh) }
    guard refresh.withoutAddress.isEmpty,
      refresh.asked.allSatisfy({ $0.added != nil || $0.isUnknown })
    else { throw ExitCode.failure }
  }

  private func print(_ refresh: EntityRefresh) throws {
    for asked in refresh.asked {
      let answer = asked.added.map { "\($0) new" } ?? asked.problem ?? ""
      try StandardOutput.line("\(asked.accreditor) on \(asked.node): \(answer)")
    }
    for name in refresh.withoutAddress {
      StandardError.line("note: where \(name) is asked is not known; its key was given without")
    }
    for entity in refresh.entities { try StandardOutput.line(entity.text) }
  }
}
