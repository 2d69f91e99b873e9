extension PostgreSQLConnection {
  /// The advisory lock of all commits, of every instance: "peerchrt".
  private static let commitLock: Int64 = 0x7065_6572_6368_7274

  /// Begins a transaction that nobody else's can overlap: the next statement sees everything that was
  /// committed before it, and until it ends nobody commits anything.
  func beginExclusively() throws {
    try enqueue("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    try enqueue("SELECT pg_advisory_xact_lock($1)", .int(Self.commitLock))
  }
}
