import ArgumentParser
import Exchange
import Foundation
import Identity
import Node
import Primitives

struct AccreditorIssue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue",
    abstract: "Sign a statement that a node is of an organization.",
    discussion: """
      The node is named by its id, which `peer list --json` shows; compare the fingerprint with the \
      organization before you sign.
      """)

  @OptionGroup var node: NodeOptions
  @Argument(
    help: ArgumentHelp("The organization's node.", valueName: "node-id"),
    transform: { text in
      guard let id = NodeID(text) else {
        throw ValidationError("a node's id is 64 hexadecimal digits; `peer list --json` shows it")
      }
      return id
    })
  var subject: NodeID
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
    let statement = try AccreditationStatement(
      organization: organization, npi: npi, node: subject, lifetime: ttl.seconds,
      at: SystemClock().now())
    let text = try await node.withNode {
      try await $0.exchange.accredit(statement, as: $0.exchange.nodeOperator())
    }
    try StandardOutput.line(text)
  }
}

struct AccreditorKeep: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keep",
    abstract: "Keep a statement about this node: it goes out with each request for access.")

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The statement; - is standard input.", valueName: "file.jws"))
  var file: String

  func run() async throws {
    let bytes = try FileSource(path: file).readAll(limit: AccreditorTrust.longest)
    let text = String(decoding: bytes, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let kept = try await node.withNode {
      try await $0.exchange.keepAccreditation(text, as: $0.exchange.nodeOperator())
    }
    try StandardOutput.line("\(kept.organization), NPI \(kept.npi), until \(kept.expires)")
  }
}
