import ArgumentParser
import Exchange
import Identity
import Node

struct ConsentRequests: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "requests",
    abstract: "List requests for access that came in or went out, newest first.",
    discussion: """
      Example:
        peerchart --data home consent requests
        peerchart --data home consent grant --request 4fd1… --patient 9c1f… --types allergies
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Only those that wait for an answer.") var pending = false
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let all = try await node.withNode {
      try await $0.exchange.accessRequests(as: $0.exchange.nodeOperator())
    }
    let requests = pending ? all.filter { $0.status == "pending" } : all
    if json { return try StandardOutput.json(["requests": requests]) }
    for request in requests { try StandardOutput.line(request.text) }
  }
}

extension EntitySummary {
  /// Whether the organization is what it calls itself, in a few words; nil where nobody says anything.
  fileprivate var word: String? {
    guard state != .unknown, let by else { return nil }
    if isVerified { return "verified: \(organization ?? ""), NPI \(npi ?? ""), says \(by)" }
    guard state != .accredited else {
      return "NOT VERIFIED: nothing new enough is known from \(by)"
    }
    return "NOT VERIFIED: \(state.rawValue) since \(since ?? ""), says \(by)"
  }
}

extension AccessRequestSummary {
  fileprivate var text: String {
    let who = [patientName, patientBirthDate.map { "born \($0)" }, patient]
      .compactMap { $0 }.joined(separator: ", ")
    let way = direction == "incoming" ? "from" : "to"
    let rows = [
      ("says who", entity?.word ?? ""), ("about", who),
      ("records", recordTypes.joined(separator: ", ")),
      ("labelled", labels.joined(separator: ", ")), ("for", purpose),
      ("to", actions.joined(separator: ", ")), ("time", "\(Self.days(hours))"),
      ("reason", reason), ("grant", grant ?? ""), ("note", note ?? ""),
    ]
    let lines = rows.filter { !$0.1.isEmpty }.map { name, value in
      "  \(name)\(String(repeating: " ", count: 10 - name.count))\(value)"
    }
    return (["\(id)  \(status), \(way) \(peer), \(at)"] + lines).joined(separator: "\n")
  }

  private static func days(_ hours: Double) -> String {
    switch hours {
    case 48...: "\(Int(hours / 24)) days"
    case 2...: "\(Int(hours)) hours"
    case ..<(1 / 60): ""
    default: "\(Int(hours * 60)) minutes"
    }
  }
}
