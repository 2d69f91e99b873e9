import ArgumentParser
import Exchange
import FHIR
import Identity
import Node
import Primitives

struct PeerInvite: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite",
    abstract: "Print a link with which one other node can pair with this one, once.",
    discussion: """
      The link is a secret until it is used or expires: hand it over in person or over a channel you \
      trust. In a terminal it is shown as a QR code too. This node must be serving when the other \
      accepts.

      Example:
        peerchart --data home peer invite --address home.example.org:8443 --ttl 1h
      """)

  @OptionGroup var node: NodeOptions
  @Option(
    help: ArgumentHelp(
      "Where the other node reaches this one; repeatable, up to 4. Default: where it served last.",
      valueName: "host:port"),
    transform: NodeAddress.init(argument:))
  var address: [NodeAddress] = []
  @Option(
    help: ArgumentHelp("How long the invitation is good.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var ttl = TimeSpan(seconds: 86_400)
  @Flag(help: "Draw the QR code also where the output is no terminal.") var qr = false
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let (invitation, addresses) = try await node.withNode { node in
      let addresses = try Self.addresses(address, of: node)
      let invitation = try await node.exchange.invite(
        addresses: addresses, lifetime: ttl.seconds, as: node.exchange.nodeOperator())
      return (invitation, addresses)
    }
    if json {
      return try StandardOutput.json([
        "link": .string(invitation.text), "expires": .string(invitation.expires.description),
        "fingerprint": .string(invitation.node.fingerprint),
        "addresses": .array(addresses.map { .string($0.description) }),
      ])
    }
    try StandardOutput.line(invitation.text)
    if qr || StandardOutput.isTerminal {
      try StandardOutput.write(Array(try TerminalQRCode.draw(invitation.textForQRCode).utf8))
    }
    StandardError.line(
      """
      This node's fingerprint is \(invitation.node.fingerprint); the other side sees it when it accepts.
      It will look for this node at \(addresses.map(\.description).joined(separator: ", ")). \
      Good once, until \(invitation.expires).
      """)
  }

  /// The addresses given, else those that the node is served at.
  static func addresses(_ given: [NodeAddress], of node: PeerChartNode) throws -> [NodeAddress] {
    let addresses = given.isEmpty ? ServingRecord.addresses(of: node) : given
    guard !addresses.isEmpty else {
      throw ValidationError(
        """
        where does the other node reach this one? Give --address HOST:PORT, or start \
        `peerchart serve` first
        """)
    }
    if given.isEmpty, addresses.allSatisfy(\.host.isLoopback) {
      StandardError.line(
        "note: this node serves on the loopback address; nodes on other machines need --address")
    }
    return addresses
  }
}

extension HostName {
  /// Whether only this machine is meant.
  fileprivate var isLoopback: Bool {
    switch self {
    case .dns(let name): name == "localhost"
    case .ipv4(let bytes): bytes.first == 127
    case .ipv6(let bytes): bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
  }
}
