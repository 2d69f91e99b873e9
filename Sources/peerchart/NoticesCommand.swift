import ArgumentParser
import Exchange
import Node
import Primitives

struct NoticesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices",
    abstract: "List what happened that the people of this node should know, newest first.",
    discussion: """
      Requests that came in, answers to one's own, emergency access, delivered documents, messages \
      that a peer refused.

      Example:
        peerchart --data home notices
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  private struct Listed: Encodable {
    let id: String
    let kind: String
    let at: String
    let patient: String?
    let peer: String?
    let reference: String?
    let text: String?

    init(_ notice: Notice) {
      id = notice.id
      kind = notice.kind.rawValue
      at = Instant(millisecondsSinceEpoch: notice.at).description
      patient = notice.patient
      peer = notice.peer
      reference = notice.reference
      text = notice.text
    }
  }

  func run() async throws {
    let notices = try await node.withNode {
      try await $0.exchange.notices(as: $0.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["notices": notices.map(Listed.init)]) }
    for notice in notices {
      var line = "\(Instant(millisecondsSinceEpoch: notice.at))  \(notice.sentence)"
      if let text = notice.text, !text.isEmpty { line += " (\u{201C}\(text)\u{201D})" }
      try StandardOutput.line(line)
      if let hint = notice.hint { try StandardOutput.line("  \(hint)") }
    }
  }
}

extension Notice {
  fileprivate var sentence: String {
    let who = peer ?? "Somebody"
    return switch kind {
    case .accessRequested: "\(who) asks for access."
    case .accessGranted: "\(who) granted access."
    case .accessRefused: "\(who) refused access."
    case .accessRevoked: "\(who) revoked access."
    case .glassBroken: "\(who) opened the chart of \(patient ?? "a patient") in an emergency."
    case .documentReceived: "\(who) delivered a document."
    case .messageRefused: "\(who) refused a message."
    case .logForked:
      "\(who) has shown two histories of its log: what it says it did cannot be relied on."
    case .logStalled: "\(who) has not shown its log for long."
    case .logRefused:
      "\(who) refuses to witness this node's log: it has seen another history of it."
    }
  }

  /// The command that goes on from here.
  fileprivate var hint: String? {
    if kind == .logRefused {
      return "Was this node restored from an older copy? peerchart log status says more."
    }
    guard let reference else { return nil }
    return switch kind {
    case .accessRequested: "peerchart consent grant --request \(reference) --patient ID"
    case .glassBroken:
      "peerchart consent break-glass review \(reference) --accept --note TEXT (or --violation)"
    case .logForked: "peerchart log evidence \(reference) > evidence.json"
    case .documentReceived: "peerchart peer received \(reference.prefix(16)) --output FILE.sec"
    default: nil
    }
  }
}
