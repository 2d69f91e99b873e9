import ArgumentParser
import Consent
import Exchange
import Node
import PeerNetwork
import Primitives

struct PeerGet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Read or search another node's records, as far as its grants go.",
    discussion: """
      Prints the FHIR answer. When the other node refuses, its reason goes to standard error and the \
      exit status is 1.

      Examples:
        peerchart --data ward peer get "Samplewood household" 'AllergyIntolerance?patient=9c1f…'
        peerchart --data ward peer get "Samplewood household" Patient/9c1f… --purpose TREAT
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The paired node.") var peer: String
  @Argument(help: ArgumentHelp("Type/id, or Type?search, below /fhir/.", valueName: "query"))
  var query: String
  @Option(
    help: ArgumentHelp(
      "What for: \(CodeList.names(of: PurposeOfUse.self)).", valueName: "code"),
    transform: PurposeOfUse.init(argument:))
  var purpose: PurposeOfUse = .treatment
  @Option(
    help: ArgumentHelp(
      "On whose behalf: the other side reads it in its log.", valueName: "name"))
  var person: String?

  func run() async throws {
    let reply = try await node.withNode { node in
      let endpoint = try await node.exchange.endpoint(of: try await node.peerID(peer))
      return try await node.withTransport { transport in
        try await transport.get(path, purpose: purpose.rawValue, person: person, from: endpoint)
      }
    }
    try PeerAnswer.check(reply)
    try StandardOutput.write(reply.body + [0x0A])
  }

  /// The query below `/fhir/`, with what a URL cannot hold (a blank, `|`, letters beyond ASCII)
  /// percent-encoded. What is encoded already stays.
  private var path: String {
    let relative = query.drop { $0 == "/" }
    let below = relative.hasPrefix("fhir/") ? relative.dropFirst("fhir/".count) : relative
    let kept = Set("-._~%!$&'()*+,;=:@/?".utf8)
    return "/fhir/"
      + below.utf8.map { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(UnicodeScalar(byte))
        case _ where kept.contains(byte): String(UnicodeScalar(byte))
        default: "%" + Hex.encode([byte]).uppercased()
        }
      }.joined()
  }
}
