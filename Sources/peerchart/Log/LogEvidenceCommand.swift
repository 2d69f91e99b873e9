import ArgumentParser
import Exchange
import Node

struct LogEvidenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "Print the evidence that a paired node's log has two histories.",
    discussion: """
      JSON: both checkpoints as the node signed them, and what connects them (docs/format/log.md). Others \
      can check it without this node.

      Example:
        peerchart --data home log evidence 5f0c… > evidence.json
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The evidence's id; `log status` and `notices` show it.") var id: String

  func run() async throws {
    let evidence = try await node.withNode {
      try await $0.exchange.logEvidence(id, as: $0.exchange.nodeOperator())
    }
    try StandardOutput.write(evidence + [0x0A])
  }
}

struct LogAcceptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept",
    abstract: "Follow a paired node's log anew, from whatever it shows next.",
    discussion: """
      For when the people of that node have told you why its log went astray, and you believe them. The \
      evidence is kept.

      Example:
        peerchart --data home log accept "General Hospital"
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The paired node.") var peer: String

  func run() async throws {
    try await node.withNode {
      try await $0.exchange.acceptLog(ofPeer: peer, as: $0.exchange.nodeOperator())
    }
  }
}
