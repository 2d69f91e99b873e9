import ArgumentParser
import Exchange
import Node
import Primitives

struct LinkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Make, end and open SMART Health Links: a summary that other apps open.",
    discussion: """
      A link leads to the International Patient Summary, sealed with a key that is in the link and nowhere \
      else. This node serves it, counts who opens it, and stops when it is revoked.

      Examples:
        peerchart link create --patient 9c1f… --expires 1h --passcode-file word.txt --qr
        peerchart link list --patient 9c1f…
        peerchart link revoke 52c1…
        peerchart link open 'shlink:/eyJ1…' --recipient "Dr. Example" --output visit
      """,
    subcommands: [
      LinkCreate.self, LinkList.self, LinkRenew.self, LinkRevoke.self, LinkOpen.self,
    ])
}

struct LinkRenew: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew", abstract: "Put what the chart holds now behind a long-term link.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "The link's id, as listed.") var id: String
  @OptionGroup var base: NodeBase

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.renewLink(
        id, base: try base.address(of: node), as: node.exchange.nodeOperator())
    }
  }
}

struct LinkRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "End a link: the next request for it finds nothing.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "The link's id, as listed.") var id: String

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.revokeLink(id, as: node.exchange.nodeOperator())
    }
  }
}

struct LinkList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the links to a patient's records, and how they stand.")

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("Whose records.", valueName: "id")) var patient: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let links = try await node.withNode { node in
      try await node.exchange.healthLinks(of: patient, as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["links": links]) }
    for link in links {
      let wrong = link.passcodeCap.map { ", \(link.wrongPasscodes) of \($0) wrong passcodes" } ?? ""
      try StandardOutput.line(
        """
        \(link.id)  \(link.state.rawValue)  \(link.label ?? "-")
          made \(link.created), until \(link.expires?.description ?? "it is revoked"), flags \
        \(link.flags.isEmpty ? "-" : link.flags)
          opened \(link.openings) times\(wrong)
        """)
    }
  }
}
