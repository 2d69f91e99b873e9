import ArgumentParser
import Exchange
import Node
import Primitives

struct ConsentRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "End a grant or a denial. The very next request is decided without it.",
    discussion: """
      What was disclosed before is with the other side and stays there.

      Example:
        peerchart --data home consent revoke 77ab0c4e-…
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The grant, as `consent list` shows it.", valueName: "id"))
  var grant: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let delivery = try await node.withNode { node in
      let exchange = node.exchange
      let caller = exchange.nodeOperator()
      try await exchange.revoke(grant, as: caller)
      let grantee = try await exchange.grants(of: nil, as: caller).first { $0.id == grant }?.grantee
      guard let grantee, grantee.hasPrefix("node:"),
        let peer = NodeID(grantee.dropFirst("node:".count)),
        try await node.peerNames()[grantee] != nil
      else { return Delivery?.none }
      return await Delivery.attempt(node, to: peer)
    }
    if json {
      return try StandardOutput.json(["revoked": grant, "delivery": delivery?.rawValue])
    }
    try StandardOutput.line("Revoked, from this moment.")
    if let delivery { StandardError.line(delivery.sentence) }
  }
}
