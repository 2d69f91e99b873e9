public import ArgumentParser
import Consent
import Exchange
import Identity
import Node
import Primitives

struct TokenIssue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue",
    abstract: "Issue a bearer token, alone on standard output; `token` alone means this.",
    discussion: """
      The scope bounds what a token may do at all, in SMART's terms: context/Type.actions, where the \
      actions are some of c(reate) r(ead) u(pdate) d(elete) s(earch). The role then decides what the \
      bearer may see. The token is shown once and kept nowhere.

      Examples:
        TOKEN=$(peerchart token --scope "system/*.cruds" --ttl 1h)
        curl --cacert home/tls/ca.pem -H "Authorization: Bearer $TOKEN" \\
          https://127.0.0.1:8443/fhir/Patient
        peerchart token --scope "user/*.rs" --role clinician --name "Dr. A" --treats 9c1f…
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: "SMART scopes, separated by blanks.") var scope: String
  @Option(
    help: ArgumentHelp("How long it is good: 90s, 15m, 1h, 30d, 1y.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var ttl = TimeSpan(seconds: 3600)
  @Option(help: "Who the bearer is: \(CodeList.names(of: Role.self)).") var role: Role = .system
  @Option(help: "Under which name the bearer appears in the log.") var name = "token"
  @Option(
    help: ArgumentHelp(
      "The purpose of use of requests that name none. Default: what is usual for the role.",
      valueName: "code"),
    transform: PurposeOfUse.init(argument:))
  var purpose: PurposeOfUse?
  @Option(help: ArgumentHelp("A patient whom the bearer treats; repeatable.", valueName: "id"))
  var treats: [String] = []
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let scopes: ScopeSet
    do {
      scopes = try ScopeSet(parsing: scope)
    } catch let error as PeerChartError {
      throw ValidationError("--scope: \(error.text)")
    }
    if role.needsTreatment, treats.isEmpty {
      StandardError.line(
        "note: a \(role.rawValue) sees the patients named with --treats; there are none")
    }
    let request = TokenRequest(
      scope: scopes, role: role, name: name, purpose: purpose ?? role.usualPurpose, treats: treats,
      lifetime: ttl.seconds)
    let (token, expires) = try await node.withNode { node in
      let token = try await node.exchange.issueToken(request, as: node.exchange.nodeOperator())
      return (token, SystemClock().now().adding(seconds: ttl.seconds))
    }
    if json {
      try StandardOutput.json(["token": token, "expires": expires.description])
    } else {
      try StandardOutput.line(token)
    }
  }
}

extension Role: ExpressibleByArgument {
  /// Whether an organization's table opens charts to this role only where it treats the patient.
  fileprivate var needsTreatment: Bool { [.clinician, .nurse, .pharmacist].contains(self) }
}
