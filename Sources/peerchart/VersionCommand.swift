import ArgumentParser
import Node

struct VersionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version of this program.")

  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    if json {
      try StandardOutput.json(["version": PeerChartNode.version])
    } else {
      try StandardOutput.line("peerchart \(PeerChartNode.version)")
    }
  }
}
