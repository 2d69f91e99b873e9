import Primitives

/// Maps what PostgreSQL and libpq report to the project's one error shape. Their own texts can hold
/// values and are never passed on.
enum PostgreSQLError {
  /// States after which the connection is gone or good for nothing.
  static func endsConnection(_ state: String) -> Bool {
    state.hasPrefix("08") || state.hasPrefix("57P") || state == "25P03"
  }

  /// By SQLSTATE (PostgreSQL 15, appendix A).
  static func error(_ state: String) -> PeerChartError {
    switch state {
    case "23505", "40001", "40P01":
      PeerChartError(.conflict, "somebody else wrote this at the same time")
    case "53100":
      PeerChartError(.storage, "the database's disk is full; free some space and try again")
    case "53300":
      PeerChartError(.storage, "the database has no connection left for this program")
    case "55P03":
      PeerChartError(.storage, "another instance holds the database; try again")
    case "25006":
      PeerChartError(.storage, "the database takes no writes; is it a standby?")
    case "42501":
      PeerChartError(.storage, "the database user may not do what this program needs")
    case "42P01", "42703", "42883":
      PeerChartError(
        .storage, "the database's tables are not as this program made them (SQLSTATE \(state))")
    case "2200H":
      PeerChartError(.tooLarge, "the store has used up its row numbers")
    case "XX001", "XX002":
      PeerChartError(.integrity, "the database is damaged (SQLSTATE \(state))")
    case _ where endsConnection(state): lost
    default:
      PeerChartError(.storage, "the database failed (SQLSTATE \(state))")
    }
  }

  static let lost = PeerChartError(
    .storage, "the connection to the database was lost; nothing was acknowledged")

  static let unknownOutcome = PeerChartError(
    .storage,
    "the connection to the database was lost while it stored this; whether it did is not known")

  static let closed = PeerChartError(.storage, "the store is closed")

  /// Why no connection came about, told by libpq's text, which is not passed on.
  static func connecting(_ message: String) -> PeerChartError {
    func says(_ texts: String...) -> Bool { texts.contains { message.contains($0) } }
    let reason =
      if says("password authentication failed", "no password supplied", "no pg_hba.conf entry") {
        "the database does not let this user in: wrong user or password, or not from this address"
      } else if says(
        "root certificate", "certificate verify", "certificate file", "server common name")
      {
        "the database cannot prove who it is; name its CA by sslrootcert in the address, or choose "
          + "another sslmode there"
      } else if says("SSL") {
        "the database and this program do not agree on TLS; see sslmode in the address"
      } else if says("does not exist") {
        "there is no such database or user"
      } else if says("starting up", "shutting down", "recovery mode") {
        "the database is starting or stopping; try again"
      } else if says("too many clients", "remaining connection slots") {
        "the database has no connection left for this program"
      } else {
        "the database cannot be reached; is it running, and is the address right?"
      }
    return PeerChartError(.storage, reason)
  }

  /// Whether it is worth trying again in a moment.
  static func isPassing(_ message: String) -> Bool {
    [
      "starting up", "shutting down", "recovery mode", "Connection refused", "No such file",
      "closed the connection",
    ].contains { message.contains($0) }
  }

  static func translate(_ error: any Error) -> PeerChartError {
    error as? PeerChartError ?? PeerChartError(.storage, "the store failed", cause: error)
  }
}
