import ArgumentParser
import Audit
import Exchange
import FHIR
import Node
import Primitives

struct AuditList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Tell who did what, when, why, and under which consent; newest first.",
    discussion: """
      Reading the log is an entry of the log as well.

      Example:
        peerchart --data home audit list --patient 9c1f… --limit 20
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("Only what concerns this patient.", valueName: "id"))
  var patient: String?
  @Option(help: ArgumentHelp("The most entries, 1 to 100000.", valueName: "n")) var limit = 50
  @Option(help: ArgumentHelp("Only entries before this number.", valueName: "sequence"))
  var before: Int64?
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    guard (1...100_000).contains(limit) else {
      throw ValidationError("--limit is 1 to 100000")
    }
  }

  func run() async throws {
    let events = try await node.withNode { node in
      try await node.exchange.auditEvents(
        of: patient, before: before, limit: limit, as: node.exchange.nodeOperator())
    }
    if json {
      return try StandardOutput.json([
        "entries": .array(
          events.map { logged in
            [
              "sequence": .number(String(logged.sequence)),
              "event": .raw(PatientView(logged.event).json),
            ]
          })
      ])
    }
    for logged in events {
      try StandardOutput.line("\(logged.sequence)  \(PatientView(logged.event).sentence)")
    }
  }
}
