import Foundation
import Primitives
import TransparencyLog

/// Where a monitor keeps what it has seen of a log, and the evidence against it. Each file is written whole
/// or not at all: the monitor can be ended at any moment.
struct MonitorFolder {
  private struct State: Codable {
    /// The log's verifier key.
    var log: String
    var seen: MonitoredLog
  }

  private struct WrongTiles: Encodable {
    let format = "peerchart-wrong-tiles-1"
    let checkpoint: String
    let reason: String
    let place: String?
  }

  let path: String
  let log: String

  /// - Throws: `storage` when the folder cannot be made.
  init(_ path: String, log: Ed25519NoteVerifier) throws {
    self.path = path
    self.log = log.verifierKey
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw PeerChartError(.storage, "the folder cannot be made", place: path, cause: error)
    }
  }

  private var statePath: String { path + "/state.json" }

  /// What was seen last; nil for the first look.
  ///
  /// - Throws: `conflict` where the folder is about another log, `malformed`.
  func load() throws -> MonitoredLog? {
    guard let data = FileManager.default.contents(atPath: statePath) else { return nil }
    let state: State
    do {
      state = try JSONDecoder().decode(State.self, from: data)
    } catch {
      throw PeerChartError(
        .malformed, "this is not what a monitor keeps", place: statePath, cause: error)
    }
    guard state.log == log else {
      throw PeerChartError(.conflict, "this folder is about another log", place: path)
    }
    return state.seen
  }

  func save(_ seen: MonitoredLog) throws {
    try write(State(log: log, seen: seen), to: statePath)
  }

  /// - Returns: the file.
  func keep(_ view: SplitView, at time: Instant) throws -> String {
    let file = newFile("split-view", time)
    try write(view, to: file)
    return file
  }

  func keep(_ checkpoint: SignedCheckpoint, _ fault: PeerChartError, at time: Instant) throws
    -> String
  {
    let file = newFile("wrong-tiles", time)
    try write(
      WrongTiles(
        checkpoint: String(decoding: checkpoint.bytes, as: UTF8.self), reason: fault.reason,
        place: fault.place), to: file)
    return file
  }

  private func newFile(_ what: String, _ time: Instant) -> String {
    "\(path)/\(what)-\(time.millisecondsSinceEpoch).json"
  }

  private func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = try NewFile(path)
    try file.write(Array(try encoder.encode(value)) + [0x0A])
    try file.commit()
  }
}
