import ArgumentParser
import Foundation
import Node
import Primitives

/// Where the records are, if not in the data folder.
struct DatabaseArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Keep the records in this PostgreSQL database instead of the data folder; without a password. \
      Default: PEERCHART_DATABASE, else what the data folder says.
      """, valueName: "postgresql://user@host:port/db"))
  var database: String?

  @Option(
    help: ArgumentHelp(
      """
      The file with the database's password. Default: what the data folder says, else the \
      environment variables PEERCHART_DATABASE_PASSWORD and PGPASSWORD.
      """, valueName: "file"))
  var databasePasswordFile: String?

  var options: DatabaseOptions {
    var options = Self.environment
    if let database { options.url = database }
    options.passwordFile = databasePasswordFile
    return options
  }

  /// What the environment says, for commands without these arguments.
  static var environment: DatabaseOptions {
    func value(_ name: String) -> String? {
      ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    return DatabaseOptions(
      url: value("PEERCHART_DATABASE"),
      password: value("PEERCHART_DATABASE_PASSWORD").map { Redacted($0) })
  }
}
