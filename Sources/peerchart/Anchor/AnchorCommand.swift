import ArgumentParser
import Exchange
import Foundation
import Node
import Primitives

/// For what the authorities of a command are trusted.
protocol AnchorUse: Sendable {
  static var purpose: AnchorPurpose { get }
  static var abstract: String { get }
  static var discussion: String { get }
}

/// Of programs: `client anchor`.
enum ProgramAnchors: AnchorUse {
  static let purpose = AnchorPurpose.programs
  static let abstract = "See to the authorities whose programs may register and sign in here."
  static let discussion = """
    Members of a trust community register themselves with a signed statement (UDAP), or show a certificate \
    when they connect (tls_client_auth). The certificate leads to one of these authorities. Revocation lists \
    are not fetched: remove the client, or the authority. What a service may do by itself is approved all the \
    same.

    Examples:
      peerchart client anchor add community.pem
      peerchart client anchor list
    """
}

/// Of people: `account anchor`.
enum PeopleAnchors: AnchorUse {
  static let purpose = AnchorPurpose.people
  static let abstract = "See to the authorities whose smart cards open accounts here."
  static let discussion = """
    A card that leads to one of these authorities can be added to an account by its owner, and then signs in \
    by itself, as two factors: trust only authorities that put keys on cards with a PIN. Where a card is \
    issued by an authority below another, add the one that issued it.

    Examples:
      peerchart account anchor add cards.pem
      peerchart account anchor list
    """
}

struct AnchorCommand<Use: AnchorUse>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "anchor", abstract: Use.abstract, discussion: Use.discussion,
      subcommands: [AnchorAdd<Use>.self, AnchorList<Use>.self, AnchorRemove<Use>.self])
  }
}

struct AnchorAdd<Use: AnchorUse>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "add", abstract: "Trust the authorities of a file.")
  }

  @OptionGroup var node: NodeOptions
  @Argument(help: "Certificates in PEM.") var file: String

  func run() async throws {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw PeerChartError(.notFound, "the file cannot be read", place: "FILE")
    }
    let added = try await node.withNode { node in
      try await node.exchange.addAnchors(
        Array(data), for: Use.purpose, as: node.exchange.nodeOperator())
    }
    for anchor in added { try StandardOutput.line("\(anchor.id)  \(anchor.subject)") }
  }
}

struct AnchorList<Use: AnchorUse>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "list", abstract: "List the authorities that are trusted.")
  }

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let anchors = try await node.withNode { node in
      try await node.exchange.anchors(for: Use.purpose, as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["anchors": anchors]) }
    for anchor in anchors {
      try StandardOutput.line("\(anchor.id)  \(anchor.subject)  until \(anchor.expires)")
    }
  }
}

struct AnchorRemove<Use: AnchorUse>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "remove",
      abstract: "Trust an authority no more; whoever it named is nobody with the next request.")
  }

  @OptionGroup var node: NodeOptions
  @Argument(help: "The authority's id, as listed.") var id: String

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.removeAnchor(
        id, for: Use.purpose, as: node.exchange.nodeOperator())
    }
  }
}
