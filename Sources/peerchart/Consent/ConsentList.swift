import ArgumentParser
import Exchange
import Node

struct ConsentList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List grants and denials, of one patient or of all.",
    discussion: """
      Example:
        peerchart --data home consent list --patient 9c1f…
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("Only this patient's.", valueName: "id")) var patient: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let (grants, names) = try await node.withNode { node in
      let grants = try await node.exchange.grants(
        of: patient, as: node.exchange.nodeOperator())
      return (grants, try await node.peerNames())
    }
    if json { return try StandardOutput.json(["grants": grants]) }
    for grant in grants { try StandardOutput.line(grant.text(names)) }
  }
}

extension PeerChartNode {
  /// Names of paired nodes by `node:ID`, as grants name them.
  func peerNames() async throws -> [String: String] {
    Dictionary(
      try await exchange.peers().map { ("node:\($0.node)", $0.name) },
      uniquingKeysWith: { a, _ in a })
  }
}

extension GrantSummary {
  /// A few lines for people.
  func text(_ names: [String: String]) -> String {
    var limits: [String] = []
    if let maximumUses { limits.append("used \(uses) of \(maximumUses) times") }
    if delegable { limits.append("may be passed on") }
    let rows = [
      ("patient", patient), ("records", recordTypes.joined(separator: ", ")),
      ("labelled", labels.joined(separator: ", ")), ("for", purposes.joined(separator: ", ")),
      ("to", actions.joined(separator: ", ")), ("until", until ?? "no end"),
      ("limits", limits.joined(separator: ", ")),
    ]
    let lines = rows.filter { !$0.1.isEmpty }.map { name, value in
      "  \(name)\(String(repeating: " ", count: 10 - name.count))\(value)"
    }
    let what = kind == "denial" ? "denied to" : "granted to"
    return (["\(id)  \(status), \(what) \(names[grantee] ?? grantee)"] + lines)
      .joined(separator: "\n")
  }
}
