import ArgumentParser
import Exchange
import Node

struct ConsentBreakGlass: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "break-glass",
    abstract: "Look at emergency access to this node's charts, and review it.",
    discussion: """
      Example:
        peerchart --data home consent break-glass list
        peerchart --data home consent break-glass review 12ab… --accept --note "She was unconscious"
      """,
    subcommands: [BreakGlassList.self, BreakGlassReviewing.self])
}

struct BreakGlassList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List emergency access, newest first.",
    discussion: """
      Example:
        peerchart --data home consent break-glass list
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let (sessions, names) = try await node.withNode { node in
      let sessions = try await node.exchange.breakGlassSessions(
        as: node.exchange.nodeOperator())
      return (sessions, try await node.peerNames())
    }
    if json { return try StandardOutput.json(["sessions": sessions]) }
    for session in sessions {
      let labels = session.labels.map { ", labelled \($0) as well" }.joined()
      let due = session.review == "pending" ? ", review due \(session.reviewDue)" : ""
      try StandardOutput.line(
        """
        \(session.session)  \(session.review)\(due)
          by        \(names["node:\(session.by)"] ?? session.by)
          patient   \(session.patient)
          because   \(session.reason): \(session.text)
          records   \(session.recordTypes.joined(separator: ", "))\(labels)
          time      \(session.from) to \(session.until)
        """)
      if let why = session.justification { try StandardOutput.line("  needed    \(why)") }
      if let record = session.disclosure {
        try StandardOutput.line(
          """
            given to  \(record.recipient), \(record.affiliation), by \(record.discloser) \
          (42 CFR 2.51)
          """)
      }
    }
  }
}

struct BreakGlassReviewing: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Say what you think of an emergency access; a violation ends it at once.",
    discussion: """
      Example:
        peerchart --data home consent break-glass review 12ab… --violation --note "I was awake"
      """)

  enum Judgement: String, EnumerableFlag {
    case accept
    case violation
  }

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("Which session.", valueName: "id")) var session: String
  @Flag(help: "Whether it was right.") var judgement: Judgement
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var note: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.review(
        breakGlass: session, accepted: judgement == .accept, note: note,
        as: node.exchange.nodeOperator())
    }
    let state = judgement == .accept ? "accepted" : "violation"
    if json { return try StandardOutput.json(["session": session, "review": state]) }
    try StandardOutput.line("On record: \(state).")
  }
}
