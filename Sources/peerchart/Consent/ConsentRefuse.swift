import ArgumentParser
import Exchange
import Node
import Primitives

struct ConsentRefuse: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refuse",
    abstract: "Refuse a request for access.",
    discussion: """
      Example:
        peerchart --data home consent refuse --request 4fd1… --note "Please ask by telephone"
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("Which request.", valueName: "id")) var request: String
  @Option(help: ArgumentHelp("A word to whoever asked.", valueName: "text")) var note: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let delivery = try await node.withNode { node in
      let exchange = node.exchange
      _ = try await exchange.answer(
        request, .refuse(note: note), as: exchange.nodeOperator())
      let peer = try await exchange.accessRequests(as: exchange.nodeOperator()).first {
        $0.id == request
      }?.peer
      guard let peer, let id = try? await node.peerID(peer) else { return Delivery.queued }
      return await Delivery.attempt(node, to: id)
    }
    if json { return try StandardOutput.json(["refused": request, "delivery": delivery.rawValue]) }
    try StandardOutput.line("Refused. \(delivery.sentence)")
  }
}
