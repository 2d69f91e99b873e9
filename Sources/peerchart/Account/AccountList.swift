import ArgumentParser
import Exchange
import Identity
import Node

struct AccountList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the accounts of this node.")

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let accounts = try await node.withNode { node in
      var all: [AccountSummary] = []
      while true {
        let page = try await node.exchange.accounts(
          after: all.last.flatMap { AccountID($0.id) }, as: node.exchange.nodeOperator())
        all += page
        if page.isEmpty { return all }
      }
    }
    if json { return try StandardOutput.json(["accounts": accounts]) }
    for account in accounts {
      let roles = account.roles.isEmpty ? "" : "  (\(account.roles.joined(separator: ", ")))"
      try StandardOutput.line(
        """
        \(account.id)  \(account.isDisabled ? "disabled" : "active")
          login     \(account.login)
          name      \(account.name)\(roles)
          signs in  \(account.factors.joined(separator: ", "))
          since     \(account.created)
        """)
    }
  }
}
