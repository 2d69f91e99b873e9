public import ArgumentParser
import Consent
public import Exchange
import Identity
import Node
import Primitives

struct AccountInvite: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite",
    abstract: "Print a code with which one person can open an account here, once.",
    discussion: """
      Hand the code over only to somebody whose identity you have seen. A parent's access to a child's \
      chart ends when the child comes of age.

      Examples:
        peerchart account invite --patient 9c1f…
        peerchart account invite --patient 9c1f… --relationship caregiver --for 30d
        peerchart account invite --patient 9c1f… --relationship guardian --types medications,problems
        peerchart account invite --role clinician --role privacy-officer
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("The patient whose chart it is about.", valueName: "id"))
  var patient: String?
  @Option(
    help: """
      How the person stands to the patient: \
      \(RelationshipKind.allCases.filter { $0 != .treating }.map(\.rawValue).joined(separator: ", ")).
      """)
  var relationship: RelationshipKind = .selfOfPatient
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long the relationship holds. Default: until ended.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var span: TimeSpan?
  @Option(
    help: ArgumentHelp(
      "Record types that a caregiver, guardian or emergency delegate is named for, with commas. Default: all.",
      valueName: "list"),
    transform: RecordTypeSet.init(argument:))
  var types: RecordTypeSet?
  @Option(help: "A role of the staff; repeatable.") var role: [Role] = []
  @Option(
    help: ArgumentHelp("How long the code is good.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var ttl = TimeSpan(seconds: 7 * 86_400)
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    guard (patient == nil) != role.isEmpty else {
      throw ValidationError(
        "an invitation names a --patient, or the --role of somebody of the staff")
    }
  }

  func run() async throws {
    let now = SystemClock().now()
    let until = span.map { now.adding(seconds: $0.seconds) }
    let invited: InvitedAs =
      if let patient, let types {
        .limited(relationship, patient: patient, until: until, to: types)
      } else if let patient {
        .relation(relationship, patient: patient, until: until)
      } else {
        .staff(Set(role))
      }
    let (code, addresses) = try await node.withNode { node in
      let code = try await node.exchange.inviteAccount(
        as: invited, lifetime: ttl.seconds, by: node.exchange.nodeOperator())
      return (code, ServingRecord.addresses(of: node))
    }
    let expires = now.adding(seconds: ttl.seconds)
    if json {
      return try StandardOutput.json([
        "code": code.text.exposed, "expires": expires.description,
      ])
    }
    try StandardOutput.line(code.text.exposed)
    let place = addresses.first.map { "https://\($0.description)/register" } ?? "the node's address"
    StandardError.line("It is typed at \(place), once, until \(expires).")
  }
}

extension RelationshipKind: ExpressibleByArgument {}
