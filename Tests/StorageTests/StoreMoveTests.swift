import Exchange
import Foundation
import Primitives
import Storage
import Testing

/// A store that goes from a file into a database: the index has another form there.
@Suite("Moving a store", .enabled(if: TestDatabase.server != nil, "\(TestDatabase.absence)"))
struct StoreMoveTests {
  private static let tokens: [UInt64] = [7, 8, .max - 7, 0, .max, 1 << 63]

  private static func version(
    _ number: Int, _ slot: Int64, _ random: inout SeededGenerator
  ) -> NewVersion {
    NewVersion(
      key: RecordKey(withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }), slot: slot, number: 1,
      storedAt: 1, isDeleted: false, sealed: [1],
      tokens: IndexConformanceTests.tokens(&random))
  }

  /// Rows are numbered within the whole store, whatever the engine makes of the numbers.
  private static func places(
    _ store: any RecordStore, _ tokens: [UInt64]
  ) async throws -> [UInt64: [IndexEntryPosition]] {
    try await store.read { snapshot in
      try Dictionary(
        uniqueKeysWithValues: tokens.map { token in
          let found = try snapshot.entries(token: token, slot: nil, after: nil, limit: .max)
          return (
            token,
            found.map { IndexEntryPosition(slot: $0.slot, row: $0.row & ((1 << 36) - 1)) }
          )
        })
    }
  }

  @Test(
    "The index arrives whole, a second move is content, and it can be written to",
    arguments: [0, 3, 4000])
  func index(_ count: Int) async throws {
    var random = SeededGenerator()
    print("move: seed \(random.seed)")
    let (folder, database) = (try TestFolder(), try TestDatabase())
    let file = try SQLiteStore(path: folder.file, sequencer: CountingSequencer())
    var versions: [NewVersion] = []
    for number in 0..<count {
      versions.append(Self.version(number, Int64.random(in: 0..<50, using: &random), &random))
    }
    try await file.write { [versions] transaction in
      for tag in UInt8(0)..<50 { _ = try transaction.insertChart(tag: [tag]) }
      for version in versions { _ = try transaction.append(version) }
    }
    let tokens =
      Array(Set(versions.flatMap(\.tokens)).union(Self.tokens)).shuffled(using: &random)
      .prefix(500) + Self.tokens
    let asked = Array(Set(tokens))
    let before = try await Self.places(file, asked)
    await file.close()
    for _ in 0..<2 {
      let move = try StoreMove(from: folder.file, to: database.address(), password: nil)
      let rows = try await move.run { _ in }
      #expect(rows["version"] == count)
      #expect(rows["token_block"] == versions.reduce(0) { $0 + Set($1.tokens).count })
      move.close()
    }
    let store = try await StoreUnderTest.Place.database(database).open()
    #expect(try await Self.places(store, asked) == before)
    let more = Self.version(count, 3, &random)
    let row = try await store.write { try $0.append(more) }
    #expect(row & ((1 << 36) - 1) == Int64(count) + 1)
    try await store.read { snapshot throws in
      for token in Set(more.tokens) {
        #expect(
          try snapshot.entries(token: token, slot: 3, after: nil, limit: .max).last?.row == row)
      }
    }
    await store.close()
  }
}
