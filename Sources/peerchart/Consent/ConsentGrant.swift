import ArgumentParser
import Consent
import Exchange
import FHIR
import Node
import Primitives

struct ConsentGrant: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant",
    abstract: "Give access to a patient's records, or deny it.",
    discussion: """
      With --request it answers a request, as asked or narrowed: what the request did not name is \
      not given, whatever stands here. Without, it is a grant of one's own. Records with a \
      sensitivity label need the label named. --deny makes a restriction that wins over every grant.

      --to is a paired node (name, id or beginning of its fingerprint), organization:SYSTEM|VALUE, or \
      person:SYSTEM|VALUE.

      Record types: \(CodeList.names(of: RecordType.self)); or all.
      Labels: \(CodeList.names(of: SensitivityLabel.self)); or all.
      Purposes: \(CodeList.names(of: PurposeOfUse.self)).
      Actions: \(CodeList.names(of: ConsentAction.self)); or all.

      Examples:
        peerchart consent grant --request 4fd1… --patient 9c1f… --types allergies --ttl 7d
        peerchart consent grant --patient 9c1f… --to "Exampleville General" \\
          --types allergies,medications,problems --purpose TREAT --ttl 30d
        peerchart consent grant --deny --patient 9c1f… --to "Exampleville General" \\
          --types progress-notes --ttl 10y
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("Whose records.", valueName: "id")) var patient: String
  @Option(help: ArgumentHelp("The request that this answers.", valueName: "id"))
  var request: String?
  @Option(help: ArgumentHelp("To whom.", valueName: "peer")) var to: String?
  @Option(
    help: ArgumentHelp("Record types, with commas.", valueName: "list"),
    transform: RecordTypeSet.init(argument:))
  var types: RecordTypeSet?
  @Option(
    help: ArgumentHelp(
      "Sensitivity labels beside ordinary records, with commas.", valueName: "list"),
    transform: LabelSet.init(argument:))
  var labels: LabelSet?
  @Option(
    help: ArgumentHelp("Purposes of use, with commas.", valueName: "list"),
    transform: PurposeSet.init(argument:))
  var purpose: PurposeSet?
  @Option(
    help: ArgumentHelp("Actions, with commas. Default: read,search.", valueName: "list"),
    transform: ActionSet.init(argument:))
  var actions: ActionSet?
  @Option(
    help: ArgumentHelp("How long it holds.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var ttl: TimeSpan?
  @Option(help: ArgumentHelp("How many answers it is good for.", valueName: "n")) var maxUses: Int?
  @Flag(help: "The grantee may pass on what it was given, to others, as a grant of its own.")
  var delegable = false
  @Flag(help: "Deny instead of give.") var deny = false
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    guard maxUses.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--max-uses must be 1 or more")
    }
    if request != nil {
      guard to == nil, purpose == nil, actions == nil, !deny, !delegable else {
        throw ValidationError(
          """
          the request says who, what for and to do what; with --request only --types, --labels, \
          --ttl and --max-uses narrow it
          """)
      }
      return
    }
    guard to != nil, ttl != nil else {
      throw ValidationError("name whom and for how long: --to PEER --ttl TIME, or --request ID")
    }
    guard deny || (types != nil && purpose != nil) else {
      throw ValidationError("a grant names what and what for: --types and --purpose")
    }
    guard !deny || (maxUses == nil && !delegable) else {
      throw ValidationError("a denial has neither --max-uses nor --delegable")
    }
  }

  func run() async throws {
    let (grant, names, delivery) = try await node.withNode {
      node -> (GrantSummary, [String: String], Delivery?) in
      let grant = try await self.grant(at: node)
      return (grant, try await node.peerNames(), try await deliver(grant, from: node))
    }
    if json { return try StandardOutput.json(Answer(grant: grant, delivery: delivery)) }
    try StandardOutput.line(grant.text(names))
    if let delivery { StandardError.line(delivery.sentence) }
  }

  private struct Answer: Encodable {
    let grant: GrantSummary
    let delivery: Delivery?
  }

  private func grant(at node: PeerChartNode) async throws -> GrantSummary {
    let caller = node.exchange.nodeOperator()
    guard let request else {
      return try await node.exchange.grant(try await draft(node), as: caller)
    }
    let answer = AccessAnswer.grant(
      patient: patient, types: types, labels: labels?.union(.ordinary), seconds: ttl?.seconds,
      maximumUses: maxUses)
    guard let grant = try await node.exchange.answer(request, answer, as: caller) else {
      throw PeerChartError(.conflict, "the request was refused meanwhile")
    }
    return grant
  }

  private func draft(_ node: PeerChartNode) async throws -> GrantDraft {
    let grantee = try await Grantee.find(to ?? "", in: node)
    if deny {
      // Without named purposes a denial covers all; one that names emergencies, which is what .all
      // does, would be obeyed even when the glass is broken, and that must be said expressly.
      return GrantDraft(
        patient: patient, grantee: grantee, types: types ?? .all, labels: labels ?? .ordinary,
        purposes: purpose ?? .all.subtracting(.emergency), actions: actions ?? .all,
        seconds: ttl?.seconds ?? 0, isDenial: true)
    }
    return GrantDraft(
      patient: patient, grantee: grantee, types: types ?? [],
      labels: (labels ?? []).union(.ordinary), purposes: purpose ?? [],
      actions: actions ?? [.read, .search], seconds: ttl?.seconds ?? 0, maximumUses: maxUses,
      isDelegable: delegable)
  }

  /// Nil where nobody is told.
  private func deliver(
    _ grant: GrantSummary, from node: PeerChartNode
  ) async throws -> Delivery? {
    guard grant.kind != "denial", grant.grantee.hasPrefix("node:"),
      let peer = NodeID(grant.grantee.dropFirst("node:".count)),
      try await node.peerNames()[grant.grantee] != nil
    else { return nil }
    return await Delivery.attempt(node, to: peer)
  }
}
