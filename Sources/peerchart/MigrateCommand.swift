import ArgumentParser
import Exchange
import Foundation
import Node
import Primitives

struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Move a node's records into a PostgreSQL database.",
    discussion: """
      Stop the node first. Everything is copied all or nothing, read back and compared, and the whole \
      log is recomputed in its new place; then the data folder says that the node is there. If it is \
      interrupted, run it again. The old file stays as it was, for you to remove; keys and \
      certificates stay in the folder. Large bodies stay where they are, or are copied to where --blobs says.

      Example:
        peerchart migrate --from home --to postgresql://peerchart@db.example.org/charts \\
          --database-password-file secrets/db
      """)

  @Option(help: ArgumentHelp("The data folder of the node.", valueName: "dir"))
  var from: String
  @Option(
    help: ArgumentHelp(
      "The database, empty; without a password.", valueName: "postgresql://user@host:port/db"))
  var to: String
  @Option(
    help: ArgumentHelp(
      """
      The file with the database's password. Default: the environment variables \
      PEERCHART_DATABASE_PASSWORD and PGPASSWORD.
      """, valueName: "file"))
  var databasePasswordFile: String?
  @OptionGroup var blobs: BlobArguments
  @Option(
    help: ArgumentHelp(
      """
      The file with the passphrase of the node's root key, if it has one. Default: \
      PEERCHART_PASSPHRASE_FILE, else the terminal is asked.
      """, valueName: "file"))
  var passphraseFile: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let database = DatabaseOptions(
      url: to, passwordFile: databasePasswordFile,
      password: DatabaseArguments.environment.password)
    let copying = Progress("rows")
    let verifying = Progress("entries of the log")
    let report = try await PeerChartNode.move(
      DataFolder(from), to: database, blobs: blobs.options,
      passphrase: {
        try NodeFolder.passphrase(passphraseFile) {
          try PassphrasePrompt.ask("Passphrase of the node")
        }
      },
      progress: { step in
        switch step {
        case .copied(let count, let total):
          copying.expect(total)
          copying.add(count)
        case .verified(let count):
          copying.finish()
          verifying.add(count)
        }
      })
    verifying.finish()
    let records = report.rows["version"] ?? 0
    if json {
      try StandardOutput.json(
        Answer(rows: report.rows, entries: report.log.entries, verified: report.log.verified))
    } else {
      try StandardOutput.line(
        """
        The node is in the database now: \(records) versions of records, \(report.log.entries) entries \
        of the log, verified.
        The old file, \(from)/store/node.sqlite, is as it was. Remove it when you have a backup.
        """)
    }
  }

  private struct Answer: Encodable {
    let rows: [String: Int]
    let entries: UInt64
    let verified: Bool
  }
}
