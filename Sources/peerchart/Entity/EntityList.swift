import ArgumentParser
import Exchange
import Identity
import Node

struct EntityList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the organizations that this node knows, how they stand and by whose word.",
    discussion: """
      Example:
        peerchart --data home entity list
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let entities = try await node.withNode {
      try await $0.exchange.entities(as: $0.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["entities": entities]) }
    for entity in entities { try StandardOutput.line(entity.text) }
  }
}

struct EntityShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what accreditors have said about an organization, statement by statement.",
    discussion: """
      The exit status is 0 only if it may be shown as verified.

      Example:
        peerchart --data home entity show "Exampleville General"
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var argument: EntityArgument
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let detail = try await node.withNode { node in
      try await node.exchange.entity(
        try await node.entityID(argument.entity), as: node.exchange.nodeOperator())
    }
    if json {
      try StandardOutput.json(detail)
    } else {
      try StandardOutput.line(detail.entity.text)
      for statement in detail.statements { try StandardOutput.line("  " + statement.line) }
    }
    guard detail.entity.isVerified else { throw ExitCode.failure }
  }
}

extension EntitySummary {
  /// A few lines for people.
  var text: String {
    let rows = [
      ("state", state.rawValue + (since.map { " since \($0)" } ?? "")),
      ("reason", reason?.rawValue ?? ""), ("says", by ?? ""), ("npi", npi ?? ""),
      ("until", until ?? ""), ("known", (knownAt ?? "") + (isFresh ? "" : ", which is too old")),
      ("goes on", successor ?? ""), ("calls itself", name ?? ""), ("node", node),
      ("fingerprint", fingerprint),
    ]
    let lines = rows.filter { !$0.1.isEmpty }.map { title, value in
      "  \(title)\(String(repeating: " ", count: 14 - title.count))\(value)"
    }
    return ([organization ?? name ?? fingerprint] + lines).joined(separator: "\n")
  }
}

extension EntityStatementSummary {
  /// One line for people.
  fileprivate var line: String {
    [
      "\(by) #\(sequence)", issued, status.rawValue, organization, npi.map { "NPI \($0)" },
      until.map { "until \($0)" }, reason?.rawValue, from == issued ? nil : "from \(from)",
      successor.map { "to \($0)" },
    ].compactMap { $0 }.joined(separator: "  ")
  }
}
