import Exchange
import Foundation
import Primitives
import Storage
import Synchronization
import Testing

/// What only appends to the log, in a process that serves.
@Suite("The journal of the log")
struct JournalTests {
  private static func entry(_ number: Int, slot: Int64? = nil) -> PreparedEntry {
    let bytes = Array("entry \(number)".utf8)
    return PreparedEntry(slot: slot, sealed: bytes, leafHash: bytes)
  }

  private static func numbers(_ store: SQLiteStore) async throws -> [String] {
    try await store.read { snapshot in
      let rows = try snapshot.auditRows(from: 0, limit: 1 << 20)
      #expect(rows.map(\.sequence) == Array(0..<Int64(rows.count)))
      return rows.map { String(decoding: $0.sealed, as: UTF8.self) }
    }
  }

  private static func open(_ path: String, serving: Bool = true) async throws -> SQLiteStore {
    let store = try SQLiteStore(path: path, sequencer: CountingSequencer())
    if serving { try await store.expectAppends() }
    return store
  }

  /// An entry that comes with a change takes its turn among the changes; one alone goes into the journal.
  private static func log(
    _ number: Int, in store: SQLiteStore, asChange: Bool
  ) async throws {
    let entry = entry(number)
    guard asChange else { return try await store.append { _ in [entry] } }
    try await store.write {
      _ = try $0.appendAudit(slot: nil, sealed: entry.sealed, leafHash: entry.leafHash)
    }
  }

  private static func files(_ folder: TestFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.contains("-log-") }.sorted()
  }

  /// The files of a process that ends when it has appended so many entries: copies of them, which nobody holds.
  private static func abandoned(_ count: Int) async throws -> TestFolder {
    while true {
      let (folder, copy) = (try TestFolder(), try TestFolder())
      let sequencer = CountingSequencer()
      let store = try SQLiteStore(path: folder.file, sequencer: sequencer)
      try await store.expectAppends()
      for number in 0..<count { try await store.append { _ in [entry(number)] } }
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        try FileManager.default.copyItem(
          atPath: folder.path + "/" + name, toPath: copy.path + "/" + name)
      }
      // On a slow machine they may have been brought in while they were copied.
      let isWhole = sequencer.commits == 0
      await store.close()
      if isWhole { return copy }
    }
  }

  @Test("Whoever looks at the log finds what was appended, at once and in its order")
  func visible() async throws {
    let folder = try TestFolder()
    let store = try await Self.open(folder.file)
    for number in 0..<50 {
      try await Self.log(number, in: store, asChange: number % 7 == 3)
      if number % 5 == 0 {
        #expect(try await Self.numbers(store) == (0...number).map { "entry \($0)" })
      }
    }
    try await store.append { _ in [Self.entry(50, slot: 7), Self.entry(51, slot: 8)] }
    let rows = try await store.read { try $0.auditRows(slot: 8, before: .max, limit: 9) }
    #expect(rows.map(\.leafHash) == [Self.entry(51).leafHash])
    await store.close()
    #expect(try Self.files(folder).isEmpty)
    let again = try await Self.open(folder.file, serving: false)
    #expect(try await Self.numbers(again).count == 52)
    await again.close()
  }

  @Test("It comes into the tree by itself, under a checkpoint")
  func broughtIn() async throws {
    let folder = try TestFolder()
    let sequencer = CountingSequencer()
    let store = try SQLiteStore(path: folder.file, sequencer: sequencer)
    try await store.expectAppends()
    try await store.append { _ in [Self.entry(0)] }
    let end = ContinuousClock.now + .seconds(60)
    while sequencer.commits == 0, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(sequencer.commits == 1)
    #expect(try await store.read { try $0.newestCheckpoint()?.size } == 1)
    await store.close()
  }

  @Test("Many at once, over two processes, with changes between them: each is there once")
  func manyAtOnce() async throws {
    let folder = try TestFolder()
    let stores = [try await Self.open(folder.file), try await Self.open(folder.file)]
    let count = 4000
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<count {
        let store = stores[number % 2]
        group.addTask {
          try await Self.log(number, in: store, asChange: number % 40 == 0)
        }
      }
      try await group.waitForAll()
    }
    for store in stores {
      let found = try await Self.numbers(store)
      #expect(found.count == count && Set(found) == Set((0..<count).map { "entry \($0)" }))
    }
    for store in stores { await store.close() }
    #expect(try Self.files(folder).isEmpty)
  }

  @Test("An access stands nowhere in the log behind the revocation that forbids it")
  func guards() async throws {
    let folder = try TestFolder()
    let stores = [try await Self.open(folder.file), try await Self.open(folder.file)]
    let slot = try await stores[0].write { try $0.insertChart(tag: [1]) }
    let refused = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<600 {
        let store = stores[number % 2]
        group.addTask {
          do {
            try await store.append { snapshot in
              guard try snapshot.chart(slot: slot)?.consentRevision == 0 else {
                throw PeerChartError(.forbidden, "revoked")
              }
              return [Self.entry(number, slot: slot)]
            }
            return false
          } catch { return true }
        }
        guard number == 300 else { continue }
        group.addTask {
          try? await stores[1].write {
            try $0.bumpConsentRevision(slot: slot)
            _ = try $0.appendAudit(slot: slot, sealed: Array("revoked".utf8), leafHash: [0])
          }
          return false
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    let found = try await Self.numbers(stores[0])
    #expect(found.last == "revoked")
    #expect(found.count == 601 - refused)
    for store in stores { await store.close() }
  }

  @Test("What a process has left that was killed is brought in by the next, once")
  func killed() async throws {
    let copy = try await Self.abandoned(20)
    for _ in 0..<3 {
      let next = try await Self.open(copy.file, serving: false)
      #expect(try await Self.numbers(next) == (0..<20).map { "entry \($0)" })
      try await next.bringIn()
      await next.close()
    }
    #expect(try Self.files(copy).isEmpty)
  }

  @Test("To close leaves everything in the tree and no journal, at whatever moment")
  func closed() async throws {
    let folder = try TestFolder()
    for number in 0..<5 {
      let store = try await Self.open(folder.file)
      try await store.append { _ in [Self.entry(number)] }
      await store.close()
      #expect(try Self.files(folder).isEmpty)
      let next = try await Self.open(folder.file, serving: false)
      let newest = try await next.read { try $0.newestCheckpoint()?.size }
      #expect(newest == Int64(number + 1))
      await next.close()
    }
  }

  @Test("Somebody who removes its files takes nothing away while it is in use")
  func removed() async throws {
    let folder = try TestFolder()
    let store = try await Self.open(folder.file)
    let other = try await Self.open(folder.file, serving: false)
    for number in 0..<20 {
      try await store.append { _ in [Self.entry(number)] }
      for name in try Self.files(folder) {
        try FileManager.default.removeItem(atPath: folder.path + "/" + name)
      }
      if number % 3 == 0 { try await other.bringIn() }
    }
    #expect(try await Self.numbers(store) == (0..<20).map { "entry \($0)" })
    for store in [store, other] { await store.close() }
  }

  @Test("A store is not moved without the entries that are to be brought in")
  func unmoved() async throws {
    let copy = try await Self.abandoned(3)
    let address = try DatabaseAddress("postgresql://nobody@127.0.0.1:1/none")
    #expect(throws: PeerChartError.self) {
      try StoreMove(from: copy.file, to: address, password: nil)
    }
    let store = try await Self.open(copy.file, serving: false)
    try await store.bringIn()
    await store.close()
    try StoreMove(from: copy.file, to: address, password: nil).close()
  }

  @Test("What nobody was told of, because it was not written to its end, is not there")
  func torn() async throws {
    let copy = try await Self.abandoned(9)
    let journal = try #require(try Self.files(copy).first)
    let path = URL(fileURLWithPath: copy.path + "/" + journal)
    let written = try #require(try Data(contentsOf: path).lastIndex { $0 != 0 })
    let file = try FileHandle(forUpdating: path)
    try file.truncate(atOffset: UInt64(written - 4))
    try file.close()
    let next = try await Self.open(copy.file, serving: false)
    #expect(try await Self.numbers(next) == (0..<8).map { "entry \($0)" })
    await next.close()
  }

  @Test("Blocks are read as they were written; of damaged ones those before the damage")
  func blocks() throws {
    var generator = SeededGenerator()
    for _ in 0..<300 {
      var blocks: [JournalBlock] = []
      var bytes: [UInt8] = []
      var ends: [Int] = []
      var first = UInt64.random(in: 0..<1 << 40, using: &generator)
      for _ in 0..<Int.random(in: 0..<6, using: &generator) {
        let entries = (0..<Int.random(in: 1..<5, using: &generator)).map { _ in
          PreparedEntry(
            slot: Bool.random(using: &generator)
              ? nil : .random(in: 0..<1 << 40, using: &generator),
            sealed: (0..<Int.random(in: 0..<300, using: &generator)).map { _ in
              .random(in: 0...255, using: &generator)
            },
            leafHash: (0..<Int.random(in: 0..<33, using: &generator)).map { _ in
              .random(in: 0...255, using: &generator)
            })
        }
        blocks.append(JournalBlock(first: first, entries: entries))
        first += UInt64(entries.count)
        bytes += blocks.last?.encoded() ?? []
        ends.append(bytes.count)
      }
      // What an earlier use of the file has left behind them.
      let old = JournalBlock(first: 3, entries: [Self.entry(3)]).encoded()
      guard !bytes.isEmpty else { continue }
      #expect(JournalBlock.chain(bytes + old) == blocks, "seed \(generator.seed)")
      let cut = Int.random(in: 0..<bytes.count, using: &generator)
      let before = blocks.prefix(ends.count { $0 <= cut })
      #expect(JournalBlock.chain(Array(bytes[..<cut])) == Array(before), "seed \(generator.seed)")
      bytes[cut] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      #expect(JournalBlock.chain(bytes) == Array(before), "seed \(generator.seed)")
    }
  }
}
