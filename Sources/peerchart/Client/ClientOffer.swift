import ArgumentParser
import Exchange
import Node

struct ClientOffer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offer",
    abstract: "Let people open an app out of their session, at \"Apps with access\".",
    discussion: """
      The app must have registered where it is opened (initiate_login_uri). It is told which chart is open, \
      and gets nothing before the person has agreed.

      Examples:
        peerchart client offer 5e0c…
        peerchart client offer 5e0c… --withdraw
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The client's id.") var client: String
  @Flag(help: "Offer it no more.") var withdraw = false

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.offerClient(
        client, !withdraw, as: node.exchange.nodeOperator())
    }
  }
}
