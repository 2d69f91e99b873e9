import Primitives
import Synchronization
import Vault

/// The machine stopped here.
struct Crash: Error {}

/// A disk that can stop between any two steps, and that forgets what was not synced when the power
/// goes. What a kill -9 leaves is the view; what a power cut leaves is the disk or the view.
final class CrashingFiles: KeyFileSystem {
  private struct State {
    var view: [String: [UInt8]] = [:]
    var disk: [String: [UInt8]] = [:]
    var stepsLeft = Int.max
  }

  private let state = Mutex(State())

  /// Stops the machine at the given step from now on, counted from 0.
  func crash(atStep step: Int) { state.withLock { $0.stepsLeft = step } }

  /// Whether the last `crash(atStep:)` was beyond the last step.
  var survived: Bool { state.withLock { $0.stepsLeft >= 0 } }

  func reboot(losingUnsynced: Bool) {
    state.withLock { state in
      if losingUnsynced { state.view = state.disk } else { state.disk = state.view }
      state.stepsLeft = Int.max
    }
  }

  subscript(path: String) -> [UInt8]? {
    get { state.withLock { $0.view[path] } }
    set {
      state.withLock { state in
        state.view[path] = newValue
        state.disk[path] = newValue
      }
    }
  }

  /// One step that a machine may not come back from.
  func step() throws {
    try state.withLock { state in
      if state.stepsLeft == Int.max { return }
      state.stepsLeft -= 1
      if state.stepsLeft < 0 { throw Crash() }
    }
  }

  func read(_ path: String, limit: Int) throws -> SecretBytes {
    guard let bytes = self[path] else {
      throw PeerChartError(.notFound, "no such file", place: path)
    }
    return SecretBytes(copying: bytes)
  }

  func exists(_ path: String) throws -> Bool { self[path] != nil }

  func write(_ content: SecretBytes, to path: String) throws {
    let bytes = content.exposed
    try step()
    state.withLock { $0.view[path] = [] }
    try step()
    state.withLock { $0.view[path] = Array(bytes.prefix(bytes.count / 2)) }
    try step()
    state.withLock { $0.view[path] = bytes }
    try step()
    state.withLock { $0.disk[path] = bytes }
  }

  func replace(_ target: String, with source: String, wiping: Bool) throws {
    try step()
    state.withLock { state in
      state.view[target] = state.view[source]
      state.view[source] = nil
    }
    try step()
    state.withLock { $0.disk = $0.view }
    try step()
  }

  func remove(_ path: String) throws {
    try step()
    self[path] = nil
  }

  func locked<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    try step()
    return try body()
  }
}
