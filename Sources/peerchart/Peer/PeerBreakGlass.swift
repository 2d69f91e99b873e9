public import ArgumentParser
import Consent
import Exchange
import FHIR
import Foundation
import Node
import PeerNetwork
import Primitives

struct PeerBreakGlass: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "break-glass",
    abstract: "Open a chart at another node in an emergency, without the patient's grant.",
    discussion: """
      Opens allergies, medications and problems for four hours; more takes a justification. The \
      patient is told at once, and the access is reviewed afterwards. Then read with \
      `peer get … --purpose BTG`.

      Reasons: \(CodeList.names(of: BreakGlassSession.Emergency.self)).

      Example:
        peerchart --data ward peer break-glass "Samplewood household" --patient 9c1f… \\
          --reason unconscious --text "Brought in by ambulance, not responsive"
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The paired node.") var peer: String
  @Option(help: ArgumentHelp("The patient's id at the other node.", valueName: "id"))
  var patient: String
  @Option(help: ArgumentHelp("What kind of emergency it is.", valueName: "code"))
  var reason: BreakGlassSession.Emergency
  @Option(help: ArgumentHelp("What happened, in words; the patient reads it.", valueName: "text"))
  var text: String
  @Option(
    help: ArgumentHelp("Other record types than the three, with commas.", valueName: "list"),
    transform: RecordTypeSet.init(argument:))
  var types: RecordTypeSet?
  @Option(help: ArgumentHelp("Why more than the three is needed.", valueName: "text"))
  var justification: String?
  @Option(
    help: ArgumentHelp("For how long, up to 24h. Default: 4h.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var ttl: TimeSpan?
  @Flag(help: "Print JSON for programs.") var json = false

  private struct Session: Decodable {
    let session: String
    let recordTypes: [String]
    let until: String
  }

  func run() async throws {
    var members: [(String, JSONTree)] = [
      ("patient", .string(patient)), ("reason", .string(reason.rawValue)), ("text", .string(text)),
    ]
    if let types {
      members.append(("recordTypes", .array(types.types.map { .string($0.rawValue) })))
    }
    if let justification { members.append(("justification", .string(justification))) }
    if let ttl { members.append(("hours", .number(String(Double(ttl.seconds) / 3600)))) }
    let body = JSONTree.object(members).serialized()
    let reply = try await node.withNode { node in
      let endpoint = try await node.exchange.endpoint(of: try await node.peerID(peer))
      return try await node.withTransport { transport in
        try await transport.post(
          "/peer/break-glass", body: body, purpose: PurposeOfUse.breakTheGlass.rawValue,
          to: endpoint)
      }
    }
    try PeerAnswer.check(reply)
    if json { return try StandardOutput.write(reply.body + [0x0A]) }
    guard let session = try? JSONDecoder().decode(Session.self, from: Data(reply.body)) else {
      throw PeerChartError(.malformed, "the other node's answer cannot be read")
    }
    try StandardOutput.line(
      """
      Open until \(session.until): \(session.recordTypes.joined(separator: ", ")).
        session  \(session.session)
      The patient has been told, and the access will be reviewed.
      """)
  }
}

extension BreakGlassSession.Emergency: ExpressibleByArgument {}
