import ArgumentParser
import Exchange
import Node

struct CardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card",
    abstract:
      "Issue, check and import SMART Health Cards: small signed proofs that other apps read.",
    discussion: """
      A card holds a vaccination, a result or insurance, signed by this node's key, which everybody finds at \
      /.well-known/jwks.json of the node's address.

      Examples:
        peerchart card issue --patient 9c1f… Immunization/1 Immunization/2 --output my.smart-health-card
        peerchart card trust add https://issuer.example --name "State registry"
        peerchart card verify my.smart-health-card
        peerchart card import my.smart-health-card --patient 9c1f…
      """,
    subcommands: [
      CardIssue.self, CardList.self, CardRevoke.self, CardVerify.self, CardImport.self,
      CardTrust.self, CardRotate.self,
    ])
}

struct CardRotate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Sign cards with a fresh key from now on; the old one stays public for the old cards."
  )

  @OptionGroup var node: NodeOptions

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.rotateCardKeys(as: node.exchange.nodeOperator())
    }
  }
}
