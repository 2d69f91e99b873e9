import ArgumentParser
import Foundation
import Node

/// The program: parses the command line, runs one command, and turns what it throws into one line on
/// standard error and an exit status.
@main
struct PeerChartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peerchart",
    abstract: "Keep medical records, and exchange them under the patient's consent.",
    discussion: """
      A node lives in a data folder, named by --data or PEERCHART_DATA. Begin with:

        export PEERCHART_DATA=$HOME/charts
        peerchart init --name "Samplewood household" --kind household
        peerchart import organizations.json patient.json
        peerchart serve

      Answers go to standard output, everything else to standard error. The exit status is 0, 1 for \
      failure and 64 for wrong usage.
      """,
    version: "peerchart \(PeerChartNode.version)",
    subcommands: [VersionCommand.self],
    groupedSubcommands: [
      CommandGroup(
        name: "The node",
        subcommands: [
          InitCommand.self, ServeCommand.self, MigrateCommand.self, KeyCommand.self,
        ]),
      CommandGroup(
        name: "Records",
        subcommands: [
          ImportCommand.self, ExportCommand.self, BulkCommand.self, TokenCommand.self,
          SecCommand.self, CardCommand.self, LinkCommand.self,
        ]),
      CommandGroup(
        name: "Sharing",
        subcommands: [
          AccountCommand.self, ClientCommand.self, PeerCommand.self, ConsentCommand.self,
          NoticesCommand.self, RestrictCommand.self, AccreditorCommand.self, EntityCommand.self,
        ]),
      CommandGroup(
        name: "Proof",
        subcommands: [
          AuditCommand.self, VerifyCommand.self, LogCommand.self, DemoCommand.self,
        ]),
    ])

  /// Begins the line of every error message.
  static let _errorLabel = "peerchart"

  // Declared here too, so that it may stand before the command: `peerchart --data home peer list`.
  @OptionGroup var folder: FolderOption

  static func main() async {
    StandardOutput.reportBrokenPipes()
    // What this program writes is for its user alone, whatever the habits of the shell.
    umask(0o077)
    do {
      var command = try await asyncParseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.exit(error)
    }
  }
}
