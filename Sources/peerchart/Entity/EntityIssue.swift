import ArgumentParser
import Exchange
import Identity
import Node

struct EntityIssue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue",
    abstract: "Sign a statement that a node is of an organization; or renew it.",
    discussion: """
      Compare the node's fingerprint with the organization before you sign. Hand the statement to the \
      organization, which keeps it with `entity add`.

      Example:
        peerchart --data board entity issue 3fa9… --organization "Exampleville General" \\
          --npi 1234567893 --ttl 1y > ward.jws
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var argument: EntityArgument
  @Option(help: ArgumentHelp("The organization's name.", valueName: "name")) var organization:
    String
  @Option(
    help: ArgumentHelp("Its National Provider Identifier.", valueName: "digits"),
    transform: { text in
      guard let npi = NationalProviderIdentifier(text) else {
        throw ValidationError("an NPI has ten digits, of which the last checks the others")
      }
      return npi
    })
  var npi: NationalProviderIdentifier
  @Option(
    help: ArgumentHelp("How long it holds, up to 3y.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var ttl = TimeSpan(seconds: 366 * 86_400)

  func run() async throws {
    let statement = try await node.withNode { node in
      try await node.exchange.issueEntity(
        try await node.entityID(argument.entity), organization: organization, npi: npi,
        lifetime: ttl.seconds, as: node.exchange.nodeOperator())
    }
    try StandardOutput.line(statement)
  }
}

struct EntityRotate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Say that an organization goes on under another node's keys.",
    discussion: """
      The old node is not its any more, and the new one is for the rest of the time. Prints both \
      statements.

      Example:
        peerchart --data board entity rotate 3fa9… --to 88c1…
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var argument: EntityArgument
  @Option(help: ArgumentHelp("The new node: its id, or its name.", valueName: "node")) var to:
    String

  func run() async throws {
    let statements = try await node.withNode { node in
      try await node.exchange.rotateEntity(
        try await node.entityID(argument.entity), to: try await node.entityID(to),
        as: node.exchange.nodeOperator())
    }
    for statement in statements { try StandardOutput.line(statement) }
  }
}
