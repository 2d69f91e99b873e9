import CLibPQ
import Foundation
import Node
import Primitives

/// Where a node of a test keeps its records.
enum TestEngine: String, CaseIterable, Sendable {
  case sqlite
  case postgresql

  /// Those that are there.
  static var allCases: [TestEngine] { server == nil ? [.sqlite] : [.sqlite, .postgresql] }

  /// The server that `PEERCHART_TEST_POSTGRESQL` names.
  private static let server = ProcessInfo.processInfo.environment["PEERCHART_TEST_POSTGRESQL"]
    .flatMap { $0.isEmpty ? nil : $0 }

  /// A new database, if the records do not lie in the node's folder.
  func database() throws -> DatabaseOptions {
    guard self == .postgresql, let server = Self.server, var parts = URLComponents(string: server)
    else { return DatabaseOptions() }
    let name = "peerchart_test_" + UUID().uuidString.lowercased().prefix(8)
    let connection = PQconnectdb(server)
    defer { PQfinish(connection) }
    let result = PQexec(connection, "CREATE DATABASE \(name)")
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else {
      throw PeerChartError(
        .storage, PQerrorMessage(connection).map { String(cString: $0) } ?? "no connection")
    }
    parts.path = "/" + name
    return DatabaseOptions(url: parts.string)
  }
}
