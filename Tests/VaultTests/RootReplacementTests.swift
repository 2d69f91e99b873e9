import Primitives
import Testing
import Vault

/// What a store keeps of keys, replaced in one transaction.
private struct Rows {
  var rootGeneration: UInt32 = 1
  var charts: [ChartKeyRow] = []
  var data: [DataKeyRow] = []
  var node: NodeKeyRow
}

/// One node on a disk that can stop at any step.
private struct Machine {
  let files = CrashingFiles()
  var rows: Rows
  let random = SystemRandom()

  init() throws {
    let provider = try FileKeyProvider.create(path: "/k/root.key", random: random, files: files)
    let keys = KeyHierarchy(provider: provider, random: random)
    rows = Rows(node: try keys.makeNodeKey(rootGeneration: 1))
    for slot in 1...3 {
      let made = try keys.makeChart(slot: Int64(slot), rootGeneration: 1)
      rows.charts.append(made.chart)
      rows.data.append(made.data)
    }
  }

  func provider() throws -> FileKeyProvider {
    try FileKeyProvider(path: "/k/root.key", random: random, files: files)
  }

  /// The three steps of `RootKeyProvider`'s documentation, each of them a place to stop.
  mutating func replaceRoot() throws {
    let provider = try provider()
    let keys = KeyHierarchy(provider: provider, random: random)
    let next = try provider.stage(after: rows.rootGeneration)
    var changed = rows
    changed.charts = try rows.charts.map { try keys.rewrap($0, to: next) }
    changed.node = try keys.rewrap(rows.node, to: next)
    changed.rootGeneration = next
    try files.step()
    rows = changed
    try files.step()
    try provider.commit(next)
  }

  /// What every start does.
  func start() throws -> KeyHierarchy {
    let provider = try provider()
    try provider.commit(rows.rootGeneration)
    return KeyHierarchy(provider: provider, random: random)
  }

  func dataKeys(_ rows: Rows, _ keys: KeyHierarchy) throws -> [DataKey] {
    try zip(rows.charts, rows.data).map { try keys.dataKey($1, chart: $0) }
  }
}

@Suite("Replacing the root key")
struct RootReplacementTests {
  @Test("survives a stop at every step, with and without the unsynced writes")
  func everyCrashPoint() throws {
    for losingUnsynced in [false, true] {
      var step = 0
      while true {
        var machine = try Machine()
        let before = machine.rows
        let sealer = RecordSealer(random: machine.random)
        let context = SealContext(slot: 1, key: [1], version: 1)
        let key = try machine.dataKeys(before, machine.start())[0]
        let body = try sealer.seal(Array("made up".utf8), key: key, context: context)

        machine.files.crash(atStep: step)
        let finished = (try? machine.replaceRoot()) != nil
        #expect(finished == machine.files.survived)
        machine.files.reboot(losingUnsynced: losingUnsynced)

        // Whatever happened, the node starts and reads everything it had.
        var keys = try machine.start()
        let opened = try sealer.open(
          body, key: machine.dataKeys(machine.rows, keys)[0], context: context)
        #expect(opened == Array("made up".utf8), "step \(step)")
        _ = try keys.nodeKeys(machine.rows.node)

        // And a second attempt destroys the first root for good.
        try machine.replaceRoot()
        _ = try machine.dataKeys(machine.rows, machine.start())
        keys = try machine.start()
        #expect(errorCode { _ = try machine.dataKeys(before, keys) } == .notFound)
        #expect(errorCode { _ = try keys.nodeKeys(before.node) } == .notFound)
        if finished {
          #expect(step > 10, "the crash points were not reached")
          break
        }
        step += 1
      }
    }
  }

  @Test("creating a key file survives a stop at every step")
  func creation() throws {
    for losingUnsynced in [false, true] {
      var step = 0
      while true {
        let files = CrashingFiles()
        files.crash(atStep: step)
        let made = try? FileKeyProvider.create(path: "/k", random: SystemRandom(), files: files)
        files.reboot(losingUnsynced: losingUnsynced)
        let again = errorCode {
          _ = try FileKeyProvider.create(path: "/k", random: SystemRandom(), files: files)
        }
        #expect(again == nil || again == .conflict)
        #expect(
          try FileKeyProvider(path: "/k", random: SystemRandom(), files: files).generations() == [1]
        )
        if made != nil { break }
        step += 1
      }
      #expect(step >= 5)
    }
  }

  @Test("a destroyed chart stays closed to a backup of the key table")
  func destruction() throws {
    var machine = try Machine()
    let backup = machine.rows
    machine.rows.charts.remove(at: 1)
    machine.rows.data.remove(at: 1)
    try machine.replaceRoot()
    let keys = try machine.start()
    #expect(try machine.dataKeys(machine.rows, keys).map(\.slot) == [1, 3])
    #expect(
      errorCode { _ = try keys.dataKey(backup.data[1], chart: backup.charts[1]) } == .notFound)
  }

  @Test("the node's keys and the blind index stay the same")
  func nodeKeysStay() throws {
    var machine = try Machine()
    let old = try machine.start().nodeKeys(machine.rows.node)
    try machine.replaceRoot()
    let new = try machine.start().nodeKeys(machine.rows.node)
    #expect(old.blindIndex.token("a", "b") == new.blindIndex.token("a", "b"))
    let sealer = RecordSealer(random: machine.random)
    for purpose in NodeKeyring.Sealing.allCases {
      let context = SealContext(purpose: .item, slot: 0, key: [], version: 1)
      let sealed = try sealer.seal([1, 2, 3], key: old.sealingKey(purpose), context: context)
      #expect(try sealer.open(sealed, key: new.sealingKey(purpose), context: context) == [1, 2, 3])
      let other = new.sealingKey(purpose == .items ? .audit : .items)
      #expect(errorCode { _ = try sealer.open(sealed, key: other, context: context) } == .integrity)
    }
  }

  @Test("two processes replacing at once agree on the next root, and neither loses the other's")
  func twoProcesses() throws {
    let machine = try Machine()
    let (a, b) = (try machine.provider(), try machine.provider())
    #expect(try a.stage(after: 1) == 2)
    #expect(try b.stage(after: 1) == 2)
    let context = KeyContext(purpose: .chartKey, slot: 9, generation: 1)
    let key = SecretBytes(random: machine.random, count: 32)
    let wrapped = try a.wrap(key, context: context, generation: 2)
    try b.commit(2)
    #expect(try b.unwrap(wrapped, context: context) == key)
    // A start elsewhere with the store still at 2 drops nothing newer.
    #expect(try a.stage(after: 2) == 3)
    try b.commit(2)
    #expect(try b.generations() == [2, 3])
    #expect(errorCode { _ = try b.stage(after: 1) } == nil)
    #expect(errorCode { try b.commit(4) } == .notFound)
    #expect(errorCode { _ = try b.stage(after: 3) } == nil)
    #expect(errorCode { _ = try b.stage(after: 7) } == .notFound)
    #expect(try b.generations() == [2, 3, 4])
  }

  @Test("replacements that never finish are stopped before the file grows")
  func bounded() throws {
    let provider = try Machine().provider()
    for current in UInt32(1)...7 { #expect(try provider.stage(after: current) == current + 1) }
    #expect(errorCode { _ = try provider.stage(after: 8) } == .conflict)
    try provider.commit(8)
    #expect(try provider.stage(after: 8) == 9)
  }
}
