import Exchange
import Foundation
import Primitives
import Storage
import Synchronization
import Testing

/// What only PostgreSQL can get wrong: connections that go away, other programs' schemas, addresses.
@Suite(
  "PostgreSQL", .enabled(if: TestDatabase.server != nil, "\(TestDatabase.absence)"))
struct PostgreSQLTests {
  private static func append(_ store: any RecordStore, _ number: UInt8) async throws {
    try await store.write {
      _ = try $0.appendAudit(slot: nil, sealed: [number], leafHash: [number, 1])
    }
  }

  private static func log(_ store: any RecordStore) async throws -> [[UInt8]] {
    try await store.read { try $0.auditRows(from: 0, limit: 999) }.map(\.sealed)
  }

  /// Ends every other session of the database.
  private static func disconnect(_ database: TestDatabase) throws {
    try database.execute(
      """
      SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """)
  }

  @Test("Connections that were lost while idle are replaced unnoticed")
  func idleLoss() async throws {
    let database = try TestDatabase()
    let store = try await StoreUnderTest.Place.database(database).open()
    try await Self.append(store, 1)
    #expect(try await Self.log(store) == [[1]])
    try Self.disconnect(database)
    #expect(try await Self.log(store) == [[1]])
    try Self.disconnect(database)
    try await Self.append(store, 2)
    #expect(try await Self.log(store) == [[1], [2]])
    await store.close()
  }

  @Test("A write that loses its connection before the commit is made once more, and counts once")
  func lossBeforeCommit() async throws {
    let database = try TestDatabase()
    let sequencer = CountingSequencer()
    let store = try await StoreUnderTest.Place.database(database).open(sequencer)
    try await Self.append(store, 1)
    sequencer.beforeNext { try Self.disconnect(database) }
    try await Self.append(store, 2)
    #expect(try await Self.log(store) == [[1], [2]])
    #expect((sequencer.commits, sequencer.failures) == (3, 1))
    await store.close()
  }

  @Test("A session that dies in its commit has stored nothing, and the write is made once more")
  func deathInCommit() async throws {
    let database = try TestDatabase()
    let store = try await StoreUnderTest.Place.database(database).open()
    // Fires when COMMIT is worked on, for the entry marked by its hash, and only the first time.
    try database.execute(
      "CREATE SEQUENCE deaths",
      """
      CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('deaths') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN NULL; END $$
      """,
      """
      CREATE CONSTRAINT TRIGGER dying AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (new.leaf_hash = '\\x0701') EXECUTE FUNCTION die()
      """)
    try await Self.append(store, 7)
    #expect(try database.execute("SELECT last_value FROM deaths") == ["2"])
    #expect(try await Self.log(store) == [[7]])
    await store.close()
  }

  @Test("A commit whose answer is lost is found out about: success, and no second entry")
  func lostAnswer() async throws {
    let database = try TestDatabase()
    let proxy = try CommitProxy(to: database.url)
    let store = try await PostgreSQLStore.open(
      DatabaseAddress(proxy.url), password: nil, sequencer: CountingSequencer())
    try await Self.append(store, 1)
    proxy.loseNextCommitAnswer()
    try await Self.append(store, 2)
    #expect(proxy.lostAnswers == 1)
    #expect(try await Self.log(store) == [[1], [2]])
    // Without an entry in the log nobody can tell, and nobody is told that it went well.
    proxy.loseNextCommitAnswer()
    await #expect(throws: PeerChartError.self) {
      try await store.write { try $0.putItem(.notice, key: [1], sealed: [1]) }
    }
    #expect(proxy.lostAnswers == 2)
    #expect(try await store.read { try $0.item(.notice, key: [1]) } == [1])
    await store.close()
  }

  @Test("A database of a newer program is refused, and not touched")
  func newerSchema() async throws {
    let database = try TestDatabase()
    await (try await StoreUnderTest.Place.database(database).open()).close()
    try database.execute("INSERT INTO schema_migration VALUES ('999-later', 999)")
    await #expect {
      _ = try await StoreUnderTest.Place.database(database).open()
    } throws: {
      ($0 as? PeerChartError)?.code == .unsupportedVersion
    }
    #expect(
      try database.execute("SELECT name FROM schema_migration ORDER BY position")
        == ["001-foundation", "002-unpinned-checkpoint", "003-blobs", "999-later"])
  }

  @Test("Stores that open an empty database at once make its tables once")
  func openingAtOnce() async throws {
    let database = try TestDatabase()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in UInt8(0)..<6 {
        group.addTask {
          let store = try await StoreUnderTest.Place.database(database).open()
          try await Self.append(store, number)
          await store.close()
        }
      }
      try await group.waitForAll()
    }
    #expect(try database.execute("SELECT count(*) FROM audit") == ["6"])
    #expect(
      try database.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'version'::regclass")
        == ["16"])
  }

  @Test("Other instances hear of a message with its commit, also after a lost connection")
  func announcements() async throws {
    let database = try TestDatabase()
    let writer = try await StoreUnderTest.Place.database(database).open()
    let listening = try await PostgreSQLStore.open(
      database.address(), password: nil, sequencer: CountingSequencer())
    let (signals, continuation) = AsyncStream<Void>.makeStream()
    listening.onOutboxChange { continuation.yield() }
    var iterator = signals.makeAsyncIterator()
    // The first one says that it listens from now on.
    await iterator.next()
    for round in UInt8(0)..<2 {
      let row = OutboxRow(
        id: [round], peer: [1], createdAt: 1, nextAttempt: 1, attempts: 0, sealed: [1])
      try await writer.write { try $0.putOutbox(row) }
      await iterator.next()
      #expect(try await listening.read { try $0.outboxRows() }.contains { $0.id == [round] })
      guard round == 0 else { break }
      try Self.disconnect(database)
      await iterator.next()
    }
    await writer.close()
    await listening.close()
  }

  /// The server would not wait for its disk by itself; the store asks it to.
  @Test("What is acknowledged is on the server's disk")
  func durability() async throws {
    let database = try TestDatabase()
    let name = try #require(try database.execute("SELECT current_database()").first)
    try database.execute("ALTER DATABASE \(name) SET synchronous_commit = off")
    let store = try await StoreUnderTest.Place.database(database).open()
    try database.execute(
      "CREATE TABLE seen (setting text)",
      """
      CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$
      """, "CREATE TRIGGER looking AFTER INSERT ON audit EXECUTE FUNCTION look()")
    try await Self.append(store, 1)
    #expect(try database.execute("SELECT setting FROM seen") == ["on"])
    await store.close()
  }
}

@Suite("Addresses of databases")
struct DatabaseAddressTests {
  @Test(
    "What is no address, or says too much, is refused",
    arguments: [
      "", "node.sqlite", "mysql://host/db", "postgresql://user:secret@host/db",
      "postgresql://user@host/db?password=secret",
      "postgresql://user@host/db?options=-cfsync%3Doff",
      "postgresql://user@host/db?nonsense=1", "postgresql://user@host:%zz/db",
      "postgresql://user@host/db?service=x",
    ])
  func refused(_ text: String) {
    #expect {
      _ = try DatabaseAddress(text)
    } throws: { error in
      let error = error as? PeerChartError
      return error?.code == .invalid && error?.description.contains("secret") == false
    }
  }

  @Test(
    "Addresses as libpq takes them",
    arguments: [
      "postgresql://peerchart@127.0.0.1:5432/charts", "postgres://host/db?sslmode=require",
      "postgresql://a@one:1,two:2/db?target_session_attrs=read-write",
      "postgresql:///db?host=/run/postgresql",
    ])
  func taken(_ text: String) throws {
    #expect(try DatabaseAddress(text).text == text)
  }

  @Test("Somewhere that nobody listens is an error that names no secret")
  func nobodyThere() async throws {
    await #expect {
      _ = try await PostgreSQLStore.open(
        DatabaseAddress("postgresql://user@127.0.0.1:1/db"), password: Redacted("secret"),
        sequencer: CountingSequencer())
    } throws: { error in
      let error = error as? PeerChartError
      return error?.code == .storage && error?.description.contains("secret") == false
    }
  }
}
