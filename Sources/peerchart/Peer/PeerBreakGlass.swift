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
      Opens allergies, medications and problems for four hours, and no record that is labelled \
      sensitive. What is needed beyond that is named piece by piece, each with its own justification. \
      The patient is told at once what was opened and why, and the access is reviewed afterwards. \
      Then read with `peer get … --purpose BTG`.

      Records about substance use are opened to a person by name, and the disclosure is recorded as \
      42 CFR 2.51 asks: to whom, by whom, when, and the nature of the emergency.

      Reasons: \(CodeList.names(of: BreakGlassSession.Emergency.self)).
      Labels: \(CodeList.names(of: SensitivityLabel.self)).

      Examples:
        peerchart --data ward peer break-glass "Samplewood household" --patient 9c1f… \\
          --reason unconscious --text "Brought in by ambulance, not responsive"
        peerchart --data ward peer break-glass "Samplewood household" --patient 9c1f… \\
          --reason life-threatening --text "Breathing stops" --personnel "Dr. Ada Example" \\
          --also "lab-results=Blood gases before intubation" \\
          --label "substance-use=An opioid must be told from a stroke"
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
    help: ArgumentHelp(
      "Record types in place of the three, with commas; others need --justification.",
      valueName: "list"),
    transform: RecordTypeSet.init(argument:))
  var types: RecordTypeSet?
  @Option(help: ArgumentHelp("Why the types named with --types are needed.", valueName: "text"))
  var justification: String?
  @Option(
    help: ArgumentHelp("One record type more, and why; repeatable.", valueName: "type=why"),
    transform: Justified<RecordType>.init(argument:))
  var also: [Justified<RecordType>] = []
  @Option(
    help: ArgumentHelp(
      "Open records that bear this label as well, and why; repeatable.", valueName: "label=why"),
    transform: Justified<SensitivityLabel>.init(argument:))
  var label: [Justified<SensitivityLabel>] = []
  @Option(
    help: ArgumentHelp(
      "Who of your staff sees the records, by name; needed for substance-use.", valueName: "name"))
  var personnel: String?
  @Option(
    help: ArgumentHelp("For how long, up to 24h. Default: 4h.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var ttl: TimeSpan?
  @Flag(help: "Print JSON for programs.") var json = false

  private struct Session: Decodable {
    let session: String
    let recordTypes: [String]
    let labels: [String]?
    let until: String
    let disclosure: Disclosure?

    struct Disclosure: Decodable {
      let notice: String
    }
  }

  func run() async throws {
    var members: [(String, JSONTree)] = [
      ("patient", .string(patient)), ("reason", .string(reason.rawValue)), ("text", .string(text)),
    ]
    if let types {
      members.append(("recordTypes", .array(types.types.map { .string($0.rawValue) })))
    }
    if let justification { members.append(("justification", .string(justification))) }
    let additional =
      also.map { $0.json(named: "recordType") } + label.map { $0.json(named: "label") }
    if !additional.isEmpty { members.append(("additional", .array(additional))) }
    if let personnel { members.append(("personnel", .string(personnel))) }
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
    let labels = (session.labels ?? []).map { ", labelled \($0) as well" }.joined()
    try StandardOutput.line(
      """
      Open until \(session.until): \(session.recordTypes.joined(separator: ", "))\(labels).
        session  \(session.session)
      The patient has been told, and the access will be reviewed.
      """)
    if let notice = session.disclosure?.notice { try StandardOutput.line(notice) }
  }
}

/// Something more than the minimum, with its reason: `lab-results=Blood gases before intubation`.
struct Justified<Code: RawRepresentable & CaseIterable & Sendable>: Sendable
where Code.RawValue == String {
  let code: Code
  let justification: String

  init(argument text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].allSatisfy(\.isWhitespace) else {
      throw ValidationError("write what is needed and why: \(parts.first ?? "")=WHY")
    }
    code = try CodeList.one(String(parts[0]), of: "record type or label")
    justification = String(parts[1])
  }

  func json(named name: String) -> JSONTree {
    .object([(name, .string(code.rawValue)), ("justification", .string(justification))])
  }
}

extension BreakGlassSession.Emergency: ExpressibleByArgument {}
