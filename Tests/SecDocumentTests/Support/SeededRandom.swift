import Crypto
import Primitives
import Synchronization

/// Bytes that depend on a seed only: SHA-256 over seed and a counter.
final class SeededRandom: RandomSource, RandomNumberGenerator {
  let seed: UInt64
  private let counter = Mutex<UInt64>(0)

  init(seed: UInt64) { self.seed = seed }

  func bytes(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    while result.count < count {
      let number = counter.withLock { value in
        value += 1
        return value
      }
      var writer = ByteWriter()
      writer.append(seed)
      writer.append(number)
      result += Array(SHA256.hash(data: writer.bytes))
    }
    return Array(result.prefix(count))
  }

  func next() -> UInt64 { bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }

  func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
