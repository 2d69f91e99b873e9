import ArgumentParser
import Exchange
import Foundation
import Identity
import Node
import Primitives

struct PeerAccept: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept",
    abstract: "Accept another node's invitation: the two nodes are paired from then on.",
    discussion: """
      Compare the fingerprint that is printed with the one that the other side has: by telephone is \
      enough. The link may also come on standard input, named as -.

      Example:
        peerchart --data ward peer accept peerchart:AAAA… --address ward.example.org:8443
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The link of the invitation.", valueName: "link")) var link: String
  @Option(
    help: ArgumentHelp(
      "Where the other node reaches this one; repeatable, up to 4. Default: where it served last.",
      valueName: "host:port"),
    transform: NodeAddress.init(argument:))
  var address: [NodeAddress] = []
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let invitation = try Invitation(parsing: try text)
    let peer = try await node.withNode { node in
      let addresses = try PeerInvite.addresses(address, of: node)
      return try await node.withTransport { transport in
        try await node.exchange.accept(
          invitation, addresses: addresses, using: transport, as: node.exchange.nodeOperator())
      }
    }
    if json { return try StandardOutput.json(peer) }
    try StandardOutput.line(
      """
      Paired with \(peer.name) (\(peer.kind)).
        fingerprint  \(peer.fingerprint)
      Compare it with the one that the other side reads out.
      """)
  }

  private var text: String {
    get throws {
      guard link == "-" else { return link }
      let bytes = try FileSource(path: "-").readAll(limit: 1 << 20)
      return String(decoding: bytes, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }
}
