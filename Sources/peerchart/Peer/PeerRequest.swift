import ArgumentParser
import Consent
import Exchange
import FHIR
import Node
import Primitives

struct PeerRequest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "request",
    abstract: "Ask another node's patient for access to records.",
    discussion: """
      The patient is named by what you know: the id over there, or name and date of birth. Ask for \
      what is needed and no more: what a request does not name is not given. `consent requests` shows \
      the answer when it comes.

      Record types: \(CodeList.names(of: RecordType.self)); or all.
      Labels: \(CodeList.names(of: SensitivityLabel.self)); or all.

      Example:
        peerchart --data ward peer request "Samplewood household" --patient-name "Rowan Samplewood" \\
          --birth-date 1984-05-02 --types allergies,medications,problems --purpose TREAT \\
          --ttl 30d --reason "Admission on Tuesday"
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The paired node that keeps the chart.") var peer: String
  @Option(help: ArgumentHelp("The patient's name.", valueName: "name")) var patientName: String?
  @Option(help: ArgumentHelp("The patient's id at the other node.", valueName: "id"))
  var patientID: String?
  @Option(help: ArgumentHelp("The patient's date of birth.", valueName: "date"))
  var birthDate: String?
  @Option(
    help: ArgumentHelp("Record types, with commas.", valueName: "list"),
    transform: RecordTypeSet.init(argument:))
  var types: RecordTypeSet
  @Option(
    help: ArgumentHelp(
      "Sensitivity labels beside ordinary records, with commas.", valueName: "list"),
    transform: LabelSet.init(argument:))
  var labels: LabelSet = []
  @Option(
    help: ArgumentHelp(
      "What for: \(CodeList.names(of: PurposeOfUse.self)).", valueName: "code"),
    transform: PurposeOfUse.init(argument:))
  var purpose: PurposeOfUse = .treatment
  @Option(
    help: ArgumentHelp(
      "What is to be done: \(CodeList.names(of: ConsentAction.self)); with commas. Default: read,search.",
      valueName: "list"),
    transform: ActionSet.init(argument:))
  var actions: ActionSet = [.read, .search]
  @Option(
    help: ArgumentHelp("For how long.", valueName: "time"), transform: TimeSpan.init(argument:))
  var ttl: TimeSpan
  @Option(help: ArgumentHelp("Why, in words for the patient.", valueName: "text")) var reason:
    String
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    guard patientName != nil || patientID != nil else {
      throw ValidationError("name the patient: --patient-name or --patient-id")
    }
  }

  func run() async throws {
    let draft = AccessRequestDraft(
      patient: PatientHint(id: patientID, name: patientName, birthDate: birthDate), types: types,
      labels: labels.union(.ordinary), purpose: purpose, actions: actions, seconds: ttl.seconds,
      reason: reason)
    let (id, delivery) = try await node.withNode { node in
      let peer = try await node.peerID(peer)
      let id = try await node.exchange.requestAccess(
        draft, from: peer, as: node.exchange.nodeOperator())
      return (id, await Delivery.attempt(node, to: peer))
    }
    if json { return try StandardOutput.json(["request": id, "delivery": delivery.rawValue]) }
    try StandardOutput.line(id)
    StandardError.line(delivery.sentence)
  }
}
