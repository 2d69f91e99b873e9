import Primitives
import SecDocument
import Synchronization

/// What went in and out of streams, kept where a test can look.
final class StreamMeter: Sendable {
  private struct Counts: Sendable {
    var taken = 0
    var given = 0
    var largestGap = 0
  }
  private let counts = Mutex(Counts())

  func took(_ count: Int) {
    counts.withLock {
      $0.taken += count
      $0.largestGap = max($0.largestGap, $0.taken - $0.given)
    }
  }
  func gave(_ count: Int) { counts.withLock { $0.given += count } }

  var taken: Int { counts.withLock { $0.taken } }
  /// How many bytes were read and not yet written at most.
  var largestGap: Int { counts.withLock { $0.largestGap } }
}

/// `count` bytes without memory, handed out in pieces of at most `piece`.
struct MadeUpSource: SecSource {
  var count: Int
  let piece: Int
  let meter: StreamMeter
  var failAt: Int?
  private var position = 0

  init(count: Int, piece: Int, meter: StreamMeter, failAt: Int? = nil) {
    self.count = count
    self.piece = piece
    self.meter = meter
    self.failAt = failAt
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if let failAt, position >= failAt { throw PeerChartError(.storage, "the source failed") }
    let amount = min(count - position, piece, buffer.count)
    for index in 0..<amount { buffer[index] = UInt8(truncatingIfNeeded: position &+ index) }
    position += amount
    meter.took(amount)
    return amount
  }
}

/// A sink that counts, and can fail.
struct MeteredSink: SecSink {
  let meter: StreamMeter
  var room = Int.max
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count <= room else { throw PeerChartError(.storage, "the disk is full") }
    room -= bytes.count
    meter.gave(bytes.count)
  }
}
