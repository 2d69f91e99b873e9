import ArgumentParser
import Exchange
import Node

struct TokenList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the bearer tokens that were issued and not revoked, the newest first.",
    discussion: """
      By their ids; the tokens themselves are kept nowhere.

      Example:
        peerchart --data home token list
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let tokens = try await node.withNode { node in
      try await node.exchange.tokens(as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["tokens": tokens]) }
    for token in tokens {
      let treats = token.treats.isEmpty ? "" : ", treats \(token.treats.joined(separator: ", "))"
      try StandardOutput.line(
        """
        \(token.id)  \(token.status)
          name      \(token.name) (\(token.role)\(treats))
          scope     \(token.scope)
          purpose   \(token.purpose)
          time      \(token.issued) to \(token.expires)
        """)
    }
  }
}
