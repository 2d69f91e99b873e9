import Primitives
import Synchronization
import Testing
import TransparencyLog

struct LogMonitorTests {
  private let now = Instant(millisecondsSinceEpoch: 1_772_355_600_000)

  /// A log's files as somebody serves them, who may change them.
  private final class Served: LogSource {
    private struct State {
      var scene: WitnessScene
      var size: UInt64
      var isGone = false
      var lie: (@Sendable (Tile, [UInt8]?) -> [UInt8]?)?
      var read = 0
    }
    private let state: Mutex<State>

    init(_ scene: WitnessScene, size: UInt64) {
      state = Mutex(State(scene: scene, size: size))
    }

    var tilesRead: Int { state.withLock { $0.read } }
    func show(_ scene: WitnessScene, size: UInt64) {
      state.withLock { ($0.scene, $0.size) = (scene, size) }
    }
    func lie(_ lie: (@Sendable (Tile, [UInt8]?) -> [UInt8]?)?) { state.withLock { $0.lie = lie } }
    func vanish(_ isGone: Bool) { state.withLock { $0.isGone = isGone } }

    func checkpoint() async throws -> [UInt8] {
      try state.withLock { state throws in
        if state.isGone { throw PeerChartError(.unreachable, "gone") }
        return try state.scene.signed(state.size).bytes
      }
    }

    func tile(_ tile: Tile) async throws -> [UInt8]? {
      try state.withLock { state throws in
        if state.isGone { throw PeerChartError(.unreachable, "gone") }
        state.read += 1
        let bytes = state.scene.tile(tile)
        return state.lie.map { $0(tile, bytes) } ?? bytes
      }
    }
  }

  private func monitor(_ scene: WitnessScene) throws -> LogMonitor {
    try LogMonitor(
      policy: WitnessPolicy(logs: [.init(key: scene.verifier)], witnesses: [], need: 0))
  }

  private func begin(_ monitor: LogMonitor, _ source: Served, whole: Bool = false) async throws
    -> MonitoredLog
  {
    guard
      case .begun(let seen) = try await monitor.look(
        at: source, after: nil, isWhole: whole, now: now)
    else { throw PeerChartError(.invalid, "the log was not taken up") }
    return seen
  }

  @Test(arguments: [true, false])
  func aGrowingLogIsFollowed(isWhole: Bool) async throws {
    let scene = WitnessScene(size: 70_000)
    let source = Served(scene, size: 3)
    let monitor = try monitor(scene)
    var seen = try await begin(monitor, source, whole: isWhole)
    for size in [3, 4, 255, 256, 257, 1000, 65_536, 65_537, 70_000] as [UInt64] {
      source.show(scene, size: size)
      let finding = try await monitor.look(at: source, after: seen, now: now)
      switch finding {
      case .unchanged: #expect(size == 3)
      case .grown(let next): seen = next
      default: Issue.record("\(size): \(finding)")
      }
      #expect(seen.checkpoint.checkpoint.size == size && seen.frontier.size == size)
      #expect(try JSON.decode(MonitoredLog.self, JSON.encode(seen)) == seen)
    }
    // An older checkpoint, from a cache, is consistent and changes nothing.
    source.show(scene, size: 300)
    guard case .unchanged = try await monitor.look(at: source, after: seen, now: now) else {
      Issue.record("an older checkpoint of the same history")
      return
    }
  }

  @Test func fullTilesTakeThePlaceOfPartialOnes() async throws {
    let scene = WitnessScene(size: 600)
    let source = Served(scene, size: 300)
    source.lie { tile, bytes in tile.isFull || tile.level > 0 ? bytes : nil }
    #expect(try await begin(monitor(scene), source).frontier.size == 300)
  }

  @Test func aForkIsFoundAndProven() async throws {
    let scene = WitnessScene(size: 700)
    let monitor = try monitor(scene)
    var random = SeededGenerator()
    for _ in 0..<40 {
      let seenAt = UInt64.random(in: 2...700, using: &random)
      let back = Int.random(in: 1..<Int(seenAt), using: &random)
      let end = Int.random(in: back + 1...900, using: &random)
      let source = Served(scene, size: seenAt)
      let seen = try await begin(monitor, source)
      source.show(scene.fork(at: back, growingTo: end), size: UInt64(end))
      let finding = try await monitor.look(at: source, after: seen, now: now)
      let place = "seen \(seenAt), back to \(back), then \(end), seed \(random.seed)"
      guard case .split(let view) = finding else {
        Issue.record("\(place): \(finding)")
        continue
      }
      // A log that is smaller than what was seen has no tiles that would prove it: it is asked for them in vain.
      #expect(view.isProven(by: try scene.verifier) == (UInt64(end) >= seenAt), "\(place)")
    }
  }

  @Test func aLogThatWasPutBackIsFound() async throws {
    let scene = WitnessScene(size: 700)
    let monitor = try monitor(scene)
    let source = Served(scene, size: 700)
    let seen = try await begin(monitor, source)
    source.show(WitnessScene(size: 400), size: 400)
    guard case .split(let view) = try await monitor.look(at: source, after: seen, now: now) else {
      Issue.record("the log lost 300 entries")
      return
    }
    #expect(view.first.checkpoint.size == 400 && view.second.checkpoint.size == 700)
  }

  /// Whatever a tile says that is not so, the checkpoint is not taken.
  @Test func tilesThatLieAreFound() async throws {
    let scene = WitnessScene(size: 66_000)
    let monitor = try monitor(scene)
    let source = Served(scene, size: 500)
    let seen = try await begin(monitor, source)
    source.show(scene, size: 66_000)
    for level in 0...2 {
      for change in 0..<4 {
        source.lie { tile, bytes in
          guard tile.level == level, tile.index == TileRoot.count(level: level, size: 66_000) / 256,
            var bytes
          else { return bytes }
          switch change {
          case 0: bytes[bytes.count - 1] ^= 1
          case 1: bytes.removeLast()
          case 2: bytes += [0]
          default: return nil
          }
          return bytes
        }
        let finding = try await monitor.look(at: source, after: seen, now: now)
        guard case .wrongTiles = finding else {
          Issue.record("level \(level), change \(change): \(finding)")
          continue
        }
      }
    }
    source.lie(nil)
    guard case .grown = try await monitor.look(at: source, after: seen, now: now) else {
      Issue.record("the same log, without lies")
      return
    }
  }

  @Test func aLeafThatDiffersFromTheTreeIsFound() async throws {
    let scene = WitnessScene(size: 700)
    let monitor = try monitor(scene)
    let source = Served(scene, size: 300)
    let seen = try await begin(monitor, source)
    source.show(scene, size: 700)
    // The tree above is right, and so is the checkpoint; one full tile of leaves is not.
    source.lie { tile, bytes in
      tile.level == 0 && tile.index == 1 ? bytes.map { Array($0.dropLast()) + [0] } : bytes
    }
    let finding = try await monitor.look(at: source, after: seen, now: now)
    guard case .wrongTiles = finding else {
      Issue.record("\(finding)")
      return
    }
  }

  @Test func whatIsNotSignedIsNotAccepted() async throws {
    let scene = WitnessScene(size: 10)
    let other = try LogMonitor(
      policy: WitnessPolicy(
        logs: [.init(key: TestKey(seed: 9, name: scene.key.name).verifier)], witnesses: [], need: 0)
    )
    let source = Served(scene, size: 10)
    guard case .notAccepted = try await other.look(at: source, after: nil, now: now) else {
      Issue.record("signed by another key")
      return
    }
    let witness = TestKey(seed: 8, name: "witness.example")
    let strict = try LogMonitor(
      policy: WitnessPolicy(
        logs: [.init(key: scene.verifier)],
        witnesses: [
          .init(
            name: "w",
            key: CosignatureVerifier(name: witness.name, publicKey: witness.publicKey))
        ], need: 1))
    guard case .notAccepted = try await strict.look(at: source, after: nil, now: now) else {
      Issue.record("nobody has cosigned")
      return
    }
    source.vanish(true)
    await #expect(throws: PeerChartError.self) {
      try await strict.look(at: source, after: nil, now: now)
    }
  }

  /// A witness that cosigns two histories is named.
  @Test func anEquivocatingWitnessIsNamed() throws {
    let scene = WitnessScene(size: 100)
    let fork = scene.fork(at: 50, growingTo: 100)
    let bad = TestKey(seed: 8, name: "bad.example")
    let good = TestKey(seed: 9, name: "good.example")
    func cosigned(_ signed: SignedCheckpoint, _ keys: TestKey...) throws -> SignedCheckpoint {
      signed.adding(
        try keys.map {
          try NoteSigner(witness: $0.name, privateKey: $0.privateKey, at: 9)
            .signature(for: Array(signed.note.text.utf8))
        })
    }
    let view = try SplitView(
      cosigned(scene.signed(100), bad, good), cosigned(fork.signed(100), bad))
    let keys = try [bad, good].map {
      try CosignatureVerifier(name: $0.name, publicKey: $0.publicKey)
    }
    #expect(view.equivocators(among: keys).map(\.name) == ["bad.example"])
    #expect(view.isProven(by: try scene.verifier))
  }
}
