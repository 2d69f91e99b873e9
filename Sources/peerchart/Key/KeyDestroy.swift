import ArgumentParser
import Exchange
import Foundation
import Node
import Primitives

struct KeyDestroy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "destroy",
    abstract: "Destroy a patient's key: nobody can ever open that chart again.",
    discussion: """
      Not here, and in no backup: the root key is replaced with it. Export the chart first if it may \
      be needed. What was disclosed to others is theirs and stays. Asks before it does it, unless \
      --yes is given.

      Example:
        peerchart --data home export --patient 9c1f… --output last.ndjson
        peerchart --data home key destroy --patient 9c1f…
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("Whose chart.", valueName: "id")) var patient: String
  @Flag(help: "Do not ask.") var yes = false
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    if !yes { try ask() }
    try await node.withNode { node in
      try await node.exchange.destroyChart(of: patient, as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["destroyed": patient]) }
    try StandardOutput.line(
      """
      The key is destroyed; the chart cannot be opened any more.
      Take a new copy of \(node.place.folder.rootKey): the root key was replaced.
      """)
  }

  private func ask() throws {
    guard isatty(STDIN_FILENO) == 1 else {
      throw ValidationError("this cannot be undone; where nobody can be asked, --yes must be given")
    }
    StandardError.raw("This cannot be undone. Type the patient's id to destroy the chart: ")
    guard readLine() == patient else {
      throw PeerChartError(.invalid, "that is not the patient's id; nothing was done")
    }
  }
}
