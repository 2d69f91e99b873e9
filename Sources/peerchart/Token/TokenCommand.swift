import ArgumentParser

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Issue bearer tokens for the FHIR API, list them, and end them.",
    discussion: """
      Without a subcommand it issues one; `peerchart help token issue` tells how.

      Examples:
        TOKEN=$(peerchart token --scope "system/*.cruds" --ttl 1h)
        peerchart token list
        peerchart token revoke 5e0c…
      """,
    subcommands: [TokenIssue.self, TokenList.self, TokenRevoke.self],
    defaultSubcommand: TokenIssue.self)
}
