import Primitives
import Testing
import Vault

@Suite("The key hierarchy")
struct HierarchyTests {
  let random = SystemRandom()
  let provider: FileKeyProvider

  init() throws {
    provider = try FileKeyProvider.create(
      path: "/k", random: SystemRandom(), files: CrashingFiles())
  }

  private func hierarchy(_ capacity: Int = 8) -> KeyHierarchy {
    KeyHierarchy(provider: provider, random: random, cacheCapacity: capacity)
  }

  @Test("no changed byte of a wrapped key unwraps")
  func flippedRows() throws {
    let made = try hierarchy().makeChart(slot: 5, rootGeneration: 1)
    for (place, bytes) in flips(of: made.chart.wrapped.encoded) {
      let code = errorCode {
        let row = ChartKeyRow(slot: 5, wrapped: try WrappedKey(encoded: bytes))
        _ = try hierarchy().dataKey(made.data, chart: row)
      }
      switch place {
      case 0: #expect(code == .unsupportedVersion)
      case 1..<5: #expect(code == .notFound)  // a root that does not exist
      default: #expect(code == .integrity, "byte \(place)")
      }
    }
    for (place, bytes) in flips(of: made.data.wrapped.encoded) {
      let code = errorCode {
        let row = DataKeyRow(slot: 5, generation: 1, wrapped: try WrappedKey(encoded: bytes))
        _ = try hierarchy().dataKey(row, chart: made.chart)
      }
      #expect(code == (place == 0 ? .unsupportedVersion : .integrity), "byte \(place)")
    }
    for count in [0, 1, 64, 66] {
      #expect(
        errorCode { _ = try WrappedKey(encoded: Array(repeating: 1, count: count)) } == .integrity)
    }
  }

  @Test("rows moved to another chart or generation do not unwrap, cached or not")
  func swappedRows() throws {
    let keys = hierarchy()
    let a = try keys.makeChart(slot: 1, rootGeneration: 1)
    let b = try keys.makeChart(slot: 2, rootGeneration: 1)
    _ = try keys.dataKey(a.data, chart: a.chart)
    _ = try keys.dataKey(b.data, chart: b.chart)
    let swaps: [(DataKeyRow, ChartKeyRow)] = [
      (DataKeyRow(slot: 1, generation: 1, wrapped: b.data.wrapped), a.chart),
      (DataKeyRow(slot: 1, generation: 2, wrapped: a.data.wrapped), a.chart),
      (a.data, ChartKeyRow(slot: 2, wrapped: a.chart.wrapped)),
      (DataKeyRow(slot: 2, generation: 1, wrapped: a.data.wrapped), a.chart),
    ]
    for (index, (data, chart)) in swaps.enumerated() {
      #expect(errorCode { _ = try keys.dataKey(data, chart: chart) } == .integrity, "\(index)")
      #expect(
        errorCode { _ = try hierarchy().dataKey(data, chart: chart) } == .integrity, "\(index)")
    }
    let node = NodeKeyRow(wrapped: a.chart.wrapped)
    #expect(errorCode { _ = try keys.nodeKeys(node) } == .integrity)
  }

  @Test("generations of a data key differ, and each opens its own bodies")
  func rotation() throws {
    let keys = hierarchy()
    let made = try keys.makeChart(slot: 1, rootGeneration: 1)
    let next = try keys.rotateDataKey(chart: made.chart, after: 1)
    #expect(next.generation == 2)
    #expect(errorCode { _ = try keys.rotateDataKey(chart: made.chart, after: .max) } == .invalid)
    let sealer = RecordSealer(random: random)
    let context = SealContext(slot: 1, key: [], version: 1)
    for row in [made.data, next] {
      let sealed = try sealer.seal([7], key: keys.dataKey(row, chart: made.chart), context: context)
      #expect(try RecordSealer.keyGeneration(of: sealed) == row.generation)
      let fresh = try hierarchy().dataKey(row, chart: made.chart)
      #expect(try sealer.open(sealed, key: fresh, context: context) == [7])
      // The other generation's key under this one's number.
      let other = row == next ? made.data : next
      let mixed = DataKeyRow(slot: 1, generation: row.generation, wrapped: other.wrapped)
      #expect(errorCode { _ = try keys.dataKey(mixed, chart: made.chart) } == .integrity)
    }
  }

  @Test("the cache is bounded, forgets on demand, and never answers wrongly")
  func cache() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SeededGenerator(seed: seed)
    let keys = hierarchy(4)
    let charts = try (1...12).map { try keys.makeChart(slot: Int64($0), rootGeneration: 1) }
    let sealer = RecordSealer(random: random)
    let bodies = try charts.map { chart in
      try sealer.seal(
        [UInt8(truncatingIfNeeded: chart.chart.slot)],
        key: keys.dataKey(chart.data, chart: chart.chart),
        context: SealContext(slot: chart.chart.slot, key: [], version: 1))
    }
    func cached() -> [Int64] {
      (1...12).filter { keys.cachedDataKey(slot: $0, generation: 1) != nil }
    }
    #expect(cached().count == 4)
    for _ in 0..<500 {
      let pick = Int.random(in: 0..<12, using: &generator)
      let slot = charts[pick].chart.slot
      let key = try keys.dataKey(charts[pick].data, chart: charts[pick].chart)
      let opened = try sealer.open(
        bodies[pick], key: key, context: SealContext(slot: slot, key: [], version: 1))
      #expect(opened == [UInt8(truncatingIfNeeded: slot)], "seed \(seed)")
      #expect(keys.cachedDataKey(slot: slot, generation: 1)?.slot == slot, "seed \(seed)")
      #expect(keys.cachedDataKey(slot: slot, generation: 2) == nil)
      #expect(cached().count == 4, "seed \(seed)")
      if Int.random(in: 0..<20, using: &generator) == 0 {
        keys.forget(slot: slot)
        #expect(keys.cachedDataKey(slot: slot, generation: 1) == nil, "seed \(seed)")
        for other in 0..<4 { _ = try keys.dataKey(charts[other].data, chart: charts[other].chart) }
        #expect(cached().count == 4)
      }
    }
    keys.forgetAll()
    #expect(cached().isEmpty)
  }
}
