import ArgumentParser
import Exchange
import Identity
import Node
import Primitives

struct ClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client",
    abstract: "See to the apps and services that are registered here (OAuth 2, SMART).",
    discussion: """
      Apps register themselves at /oauth/register. What an app may do a person says when it asks; what a \
      service may do by itself, at night and without a person, is approved here.

      Examples:
        peerchart client list
        peerchart client approve 5e0c… --scope "system/*.rs"
        peerchart client remove 5e0c…
        peerchart client offer 5e0c…
        peerchart client anchor add community.pem
      """,
    subcommands: [
      ClientList.self, ClientApprove.self, ClientRemove.self, ClientOffer.self,
      AnchorCommand<ProgramAnchors>.self,
    ])
}

struct ClientList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the apps that are registered, the newest first.")

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let clients = try await node.withNode { node in
      try await node.exchange.clients(as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["clients": clients]) }
    for client in clients {
      try StandardOutput.line(
        """
        \(client.id)  \(client.name)
          registered  \(client.registered), \(client.authentication)
          answers at  \(client.redirectURIs.isEmpty ? "-" : client.redirectURIs.joined(separator: ", "))
          by itself   \(client.approved ?? "nothing")
          community   \(client.community ?? "-")
          opened at   \(client.launchAddress.map { $0 + (client.isOffered ? ", offered" : ", not offered") } ?? "-")
        """)
    }
  }
}

struct ClientApprove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Say what a service may do by itself; without --scope nothing any more.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "The client's id.") var client: String
  @Option(help: "SMART system scopes, separated by blanks.") var scope: String?

  func run() async throws {
    let scopes = try scope.map { text in
      do {
        return try SMARTScopes(granted: text)
      } catch let error as PeerChartError {
        throw ValidationError("--scope: \(error.text)")
      }
    }
    try await node.withNode { node in
      try await node.exchange.approveClient(
        client, scope: scopes, as: node.exchange.nodeOperator())
    }
  }
}

struct ClientRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove an app; what it was given is of no use any more.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "The client's id.") var client: String

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.removeClient(client, as: node.exchange.nodeOperator())
    }
  }
}
