import CLibPQ
import Foundation
import Primitives

/// Where a PostgreSQL database is: `postgresql://user@host:port/database?sslmode=…`, without a password.
public struct DatabaseAddress: Sendable, Equatable {
  /// The address as it was given. It holds no secret.
  public let text: String
  /// What libpq made of it, by its keywords.
  private let parameters: [String: String]

  /// What an address may say. Anything else could undo what the store promises, so it is refused.
  private static let allowed: Set<String> = [
    "host", "hostaddr", "port", "user", "dbname", "connect_timeout", "target_session_attrs",
    "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir", "sslsni",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "channel_binding", "gssencmode",
    "passfile",
  ]

  /// - Throws: `invalid` for what is no such address, for one with a password in it, and for a
  ///   parameter that the store does not take.
  public init(_ text: String) throws {
    guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") else {
      throw PeerChartError(
        .invalid, "a database is named as postgresql://USER@HOST:PORT/DATABASE")
    }
    guard let options = PQconninfoParse(text, nil) else {
      throw PeerChartError(
        .invalid, "this is not an address of the form postgresql://USER@HOST:PORT/DATABASE")
    }
    defer { PQconninfoFree(options) }
    var parameters: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        parameters[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    guard parameters["password"] == nil else {
      throw PeerChartError(
        .invalid,
        "a password does not belong into an address, where others can read it; put it into a file "
          + "(--database-password-file) or into PEERCHART_DATABASE_PASSWORD")
    }
    if let other = parameters.keys.filter({ !Self.allowed.contains($0) }).min() {
      throw PeerChartError(.invalid, "the address of a database cannot set \(other) here")
    }
    self.text = text
    self.parameters = parameters
  }

  /// Whether the connection stays on this machine.
  private var isLocal: Bool {
    let environment = ProcessInfo.processInfo.environment
    guard
      let hosts = parameters["hostaddr"] ?? parameters["host"] ?? environment["PGHOSTADDR"]
        ?? environment["PGHOST"]
    else { return true }
    return hosts.split(separator: ",").allSatisfy {
      $0.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains($0)
    }
  }

  /// Keywords and values for libpq. Beyond this machine the server must prove who it is, unless the
  /// address says otherwise.
  func connectionParameters(password: Redacted<String>?) -> [String: String] {
    var all = [
      "application_name": "peerchart", "client_encoding": "UTF8", "connect_timeout": "10",
      "gssencmode": "disable", "keepalives_idle": "30", "keepalives_interval": "10",
      "keepalives_count": "3", "tcp_user_timeout": "30000",
    ]
    if !isLocal, ProcessInfo.processInfo.environment["PGSSLMODE"] == nil {
      all["sslmode"] = "verify-full"
    }
    if let password { all["password"] = password.exposed }
    return all.merging(parameters) { $1 }
  }
}
