import Foundation
import TestSupport

/// Where a node of a test keeps its records.
enum FlowEngine: String, CaseIterable, Sendable {
  case sqlite
  case postgresql

  /// Those that are there.
  static var allCases: [FlowEngine] {
    DatabaseCluster.isPossible ? [.sqlite, .postgresql] : [.sqlite]
  }

  /// A server for the node, if its records do not lie in its folder.
  func cluster() async throws -> DatabaseCluster? {
    switch self {
    case .sqlite: nil
    case .postgresql: try await DatabaseCluster()
    }
  }
}

/// A PostgreSQL server of a test's own, to be killed as it likes. Made by Scripts/postgresql.
final class DatabaseCluster: Sendable {
  private static let script = Program.root.appendingPathComponent("Scripts/postgresql").path
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("peerchart-flow-pg-\(UUID().uuidString.prefix(8))").path
  /// `postgresql://…`, without its password.
  let url: String
  var passwordFile: String { folder + ".password" }

  /// Where the server puts what it is given: tables, its write-ahead log, and the log for people. Its
  /// own tables, whose numbers are below 16384, are full of words, and so is the log of their making.
  var writtenPlaces: [String] {
    let base = folder + "/data/base/"
    let files = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
    let tables = files.filter { file in
      let number = file.split(separator: "/").last?.prefix(while: \.isNumber) ?? ""
      return file.contains("/") && Int(number).map { $0 >= 16384 } == true
    }
    let journal = folder + "/data/pg_wal/"
    let segments = (try? FileManager.default.contentsOfDirectory(atPath: journal)) ?? []
    return tables.map { base + $0 }
      + segments.filter { $0.count == 24 && $0 > Self.firstSegment }
      .map { journal + $0 } + [folder + "/log"]
  }

  /// All tables of the server.
  var tables: String { folder + "/data/base" }

  /// What a new server begins its write-ahead log with.
  private static let firstSegment = "000000010000000000000001"

  /// Goes on to the next piece of the write-ahead log, with nothing of the server's making in it.
  func turnJournal() async throws { try await say("SELECT pg_switch_wal()", to: "postgres") }

  /// Copies the node's database, to which nobody may be connected.
  func keepCopy() async throws {
    try await say("CREATE DATABASE copy TEMPLATE postgres", to: "template1")
  }

  /// Puts the copy in the database's place.
  func takeCopy() async throws {
    try await say("DROP DATABASE postgres WITH (FORCE)", to: "template1")
    try await say("ALTER DATABASE copy RENAME TO postgres", to: "template1")
  }

  private func say(_ command: String, to database: String) async throws {
    let port = url.split(separator: ":").last?.prefix(while: \.isNumber) ?? ""
    let outcome = try await Program.run(
      "/usr/bin/psql",
      [
        "--host", folder, "--port", String(port), "--username", "peerchart", "--no-password",
        "--dbname", database, "--command", command,
      ])
    guard outcome.status == 0 else { throw Program.Failure("psql: \(outcome.errors)") }
  }

  /// Whether there is a server on this machine that could be started.
  static let isPossible: Bool = {
    let named = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    let debian =
      (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    let folders = named.map(String.init) + debian.map { "/usr/lib/postgresql/\($0)/bin" }
    return folders.contains { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
  }()
  static let absence = "there is no PostgreSQL server on this machine (apt: postgresql)"

  init() async throws {
    let made = try await Program.run(Self.script, ["start", folder])
    guard made.status == 0, let url = made.lines.first else {
      throw Program.Failure("PostgreSQL: \(made.errors)")
    }
    self.url = url
  }

  deinit { _ = try? ChildProcess.run(Self.script, ["stop", folder]) }

  /// Kills every process of the server and starts it again.
  func crashAndRestart() async throws {
    for verb in ["crash", "start"] {
      let outcome = try await Program.run(Self.script, [verb, folder])
      guard outcome.status == 0 else { throw Program.Failure("PostgreSQL: \(outcome.errors)") }
    }
  }
}
