import Primitives
import TransparencyLog

/// A log in memory that signs, and can be made to have two histories.
struct WitnessScene {
  let key = TestKey(seed: 7, name: "hospital.example/log")
  private(set) var log: MemoryLog

  init(size: Int) { log = MemoryLog(size: size) }

  var verifier: Ed25519NoteVerifier { get throws { try key.verifier } }

  /// A log that has the same first leaves and others after them.
  func fork(at size: Int, growingTo end: Int) -> WitnessScene {
    var fork = WitnessScene(size: size)
    for index in size..<end { fork.log.append(Hash.leaf(Array("other \(index)".utf8))) }
    return fork
  }

  func signed(_ size: UInt64) throws -> SignedCheckpoint {
    try SignedCheckpoint(
      Checkpoint(origin: key.name, size: size, root: log.root(at: size)), signedBy: [key.signer])
  }

  func request(from old: UInt64, to new: UInt64) throws -> AddCheckpointRequest {
    try AddCheckpointRequest(
      oldSize: old,
      proof: old == 0 || old == new ? [] : log.consistencyProof(from: old, to: new).path,
      checkpoint: signed(new))
  }

  /// A witness that has seen so much of this log; nil for nothing.
  func witness(at size: UInt64?) throws -> WitnessedLog {
    try WitnessedLog(key: verifier, latest: size.map { try signed($0) })
  }

  func tile(_ tile: Tile) -> [UInt8]? {
    tile.hashes.upperBound <= TileRoot.count(level: tile.level, size: log.size)
      ? try? log.contents(of: tile) : nil
  }
}

extension WitnessedLog.Decision {
  /// What the witness answers; nil where it cosigns.
  var refusal: WitnessAnswer? {
    if case .refuse(let answer, _) = self { answer } else { nil }
  }

  var doubt: WitnessedLog.Doubt? {
    if case .refuse(_, let doubt) = self { doubt } else { nil }
  }

  var proven: SplitView? {
    if case .proven(let view)? = doubt { view } else { nil }
  }
}
