import ArgumentParser
import Exchange
import Node

struct PeerList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the paired nodes.",
    discussion: """
      Wherever a command asks for a peer, its name, its id or the beginning of its fingerprint will do.

      Example:
        peerchart --data home peer list
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let peers = try await node.withNode { try await $0.exchange.peers() }
    if json { return try StandardOutput.json(["peers": peers]) }
    for peer in peers {
      try StandardOutput.line(
        """
        \(peer.name) (\(peer.kind))
          fingerprint  \(peer.fingerprint)
          addresses    \(peer.addresses.joined(separator: ", "))
          paired       \(peer.pairedAt)
        """)
    }
  }
}
