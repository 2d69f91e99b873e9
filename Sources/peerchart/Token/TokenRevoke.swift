import ArgumentParser
import Exchange
import Node

struct TokenRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "End a bearer token: the very next request that shows it is refused.",
    discussion: """
      `token list` shows the ids. For a token that has got into wrong hands, or is not needed any more.

      Example:
        peerchart --data home token revoke 5e0c…
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("Which token, by its id.", valueName: "id")) var token: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.revokeToken(token, as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["revoked": token]) }
    try StandardOutput.line("The token is revoked.")
  }
}
