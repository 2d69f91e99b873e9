import ArgumentParser
import Exchange
import Node
import Primitives
import SecDocument

struct PeerSend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Hand a .sec document to another node.",
    discussion: """
      The document must be sealed to that node (`sec issue --to`). It finds it under `peer received`.

      Example:
        peerchart --data home peer send "Exampleville General" chart.sec --title "Chart of Rowan"
      """)

  /// It goes as one message, and what a node takes as one has its bounds.
  private static let limit = 128 << 20

  @OptionGroup var node: NodeOptions
  @Argument(help: "The paired node.") var peer: String
  @Argument(help: ArgumentHelp("The .sec document.", valueName: "file.sec")) var file: String
  @Option(help: ArgumentHelp("What the other side sees it called.", valueName: "text"))
  var title: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let document = try FileSource(path: file).readAll(limit: Self.limit)
    _ = try SecFile.inspect(SecBytesSource(document))
    let delivery = try await node.withNode { node in
      let peer = try await node.peerID(peer)
      try await node.exchange.deliver(
        document: document, title: title, to: peer, as: node.exchange.nodeOperator())
      return await Delivery.attempt(node, to: peer)
    }
    if json { return try StandardOutput.json(["delivery": delivery.rawValue]) }
    try StandardOutput.line(delivery.sentence)
  }
}
