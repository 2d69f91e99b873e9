import CLibPQ
import Foundation
import Primitives
import Storage
import Testing

/// A PostgreSQL database of a test's own, in the server that `PEERCHART_TEST_POSTGRESQL` names. It goes
/// with the server: dropping it would have the server sync all others, each time.
final class TestDatabase: Sendable {
  /// The server's address; nil where there is none to test on.
  static let server = ProcessInfo.processInfo.environment["PEERCHART_TEST_POSTGRESQL"]
    .flatMap { $0.isEmpty ? nil : $0 }
  static let absence: String =
    "no PostgreSQL: Scripts/test starts one, or name yours in PEERCHART_TEST_POSTGRESQL"

  private let name = "peerchart_test_" + UUID().uuidString.lowercased().prefix(8)
  /// `postgresql://…`
  let url: String

  init() throws {
    let server = try #require(Self.server, "\(Self.absence)")
    var parts = try #require(URLComponents(string: server))
    try Self.execute(["CREATE DATABASE \(name)"], on: server)
    parts.path = "/" + name
    url = try #require(parts.string)
  }

  func address() throws -> DatabaseAddress { try DatabaseAddress(url) }

  /// Runs statements one by one, as an administrator beside the program would.
  ///
  /// - Returns: the first column of the last one's rows, as text.
  @discardableResult
  func execute(_ statements: String...) throws -> [String] {
    try Self.execute(statements, on: url)
  }

  @discardableResult
  private static func execute(_ statements: [String], on url: String) throws -> [String] {
    let connection = PQconnectdb(url)
    defer { PQfinish(connection) }
    PQsetNoticeProcessor(connection, { _, _ in }, nil)
    var rows: [String] = []
    for statement in statements {
      let result = PQexec(connection, statement)
      defer { PQclear(result) }
      guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
        throw PeerChartError(
          .storage, PQerrorMessage(connection).map { String(cString: $0) } ?? "no connection")
      }
      rows = (0..<PQntuples(result)).map {
        PQgetvalue(result, $0, 0).map { String(cString: $0) } ?? ""
      }
    }
    return rows
  }
}
