import ArgumentParser
import ClinicalFormats
import Exchange
import Logging
import Node
import PeerNetwork
import Primitives

struct CardTrust: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust",
    abstract: "See to the issuers of cards that this node trusts.",
    discussion: """
      `add` reads the issuer's keys and lists of revoked cards from where it publishes them, or from files; \
      for an issuer that is trusted already it reads them anew.

      Examples:
        peerchart card trust add https://issuer.example --name "State registry"
        peerchart card trust add https://issuer.example --name "State registry" --keys jwks.json
        peerchart card trust list
        peerchart card trust remove https://issuer.example
      """,
    subcommands: [CardTrustAdd.self, CardTrustList.self, CardTrustRemove.self])
}

struct CardTrustAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Trust an issuer, or read anew what it publishes.")

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The issuer's address.", valueName: "https://…")) var issuer: String
  @Option(help: "What people here call it. Needed the first time.") var name: String?
  @Option(help: ArgumentHelp("Its key set; without it, it is fetched.", valueName: "jwks.json"))
  var keys: String?
  @Option(
    help: ArgumentHelp("With --keys: a list of revoked cards; repeatable.", valueName: "crl.json"))
  var list: [String] = []
  @OptionGroup var fetching: FetchOptions

  func validate() throws {
    guard keys != nil || list.isEmpty else { throw ValidationError("--list goes with --keys") }
  }

  func run() async throws {
    let trusted = try await node.withNode { node in
      let caller = node.exchange.nodeOperator()
      if let keys {
        return try await node.exchange.trustCardIssuer(
          issuer, name: name,
          keys: try FileSource(path: keys).readAll(limit: HealthCardKeySet.maximumBytes),
          lists: try list.map {
            try FileSource(path: $0).readAll(limit: HealthCardRevocationList.maximumBytes)
          }, as: caller)
      }
      return try await node.exchange.fetchCardIssuer(
        issuer, name: name,
        using: try HTTPFetcher(authorities: fetching.ca, logger: Logger(label: "peerchart")),
        named: try NotificationHosts(fetching.allow), as: caller)
    }
    try StandardOutput.line("\(trusted.address)  \(trusted.name)  \(trusted.keys) keys")
    for finding in trusted.findings {
      StandardError.line("\(finding.place ?? "keys"): \(finding.text)")
    }
  }
}

struct CardTrustList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the issuers that are trusted.")

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let issuers = try await node.withNode { node in
      try await node.exchange.cardIssuers(as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["issuers": issuers]) }
    for issuer in issuers {
      try StandardOutput.line(
        "\(issuer.address)  \(issuer.name)  \(issuer.keys) keys, read \(issuer.read)")
    }
  }
}

struct CardTrustRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Trust an issuer no more.")

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The issuer's address.", valueName: "https://…")) var issuer: String

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.distrustCardIssuer(issuer, as: node.exchange.nodeOperator())
    }
  }
}
