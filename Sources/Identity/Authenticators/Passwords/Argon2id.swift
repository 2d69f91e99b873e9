import CArgon2
import Primitives

/// Argon2id (RFC 9106): a hash that costs memory, so that guessing offline costs money.
enum Argon2id {
  static let saltLength = 16
  static let tagLength = 32

  /// What one hash costs.
  struct Cost: Hashable, Sendable {
    /// Memory in KiB.
    let memory: UInt32
    /// Passes over the memory.
    let passes: UInt32
    /// Lanes.
    let lanes: UInt32

    /// 19 MiB, two passes, one lane: the first of OWASP's equal choices that fits a small machine on
    /// which several people sign in at once (OWASP Password Storage Cheat Sheet).
    static let current = Cost(unchecked: 19_456, 2, 1)

    private init(unchecked memory: UInt32, _ passes: UInt32, _ lanes: UInt32) {
      self.memory = memory
      self.passes = passes
      self.lanes = lanes
    }

    /// Returns nil beyond 8 KiB a lane to 1 GiB, 16 passes, 4 lanes: a doctored record must not ask
    /// for all the memory there is.
    init?(memory: UInt32, passes: UInt32, lanes: UInt32) {
      guard (1...4).contains(lanes), (1...16).contains(passes),
        (8 * lanes...1 << 20).contains(memory)
      else { return nil }
      self.init(unchecked: memory, passes, lanes)
    }

    /// Whether less was spent than is today's custom.
    var isOutdated: Bool {
      UInt64(memory) * UInt64(passes) < UInt64(Cost.current.memory) * UInt64(Cost.current.passes)
        || memory < Cost.current.memory
    }
  }

  /// Returns nil when the machine has not got the memory. `count` is the length of the result, 16 to 64.
  static func hash(_ input: [UInt8], salt: [UInt8], cost: Cost, count: Int) -> [UInt8]? {
    var tag = [UInt8](repeating: 0, count: count)
    let status = argon2id_hash_raw(
      cost.passes, cost.memory, cost.lanes, input, input.count, salt, salt.count, &tag, tag.count)
    return status == ARGON2_OK.rawValue ? tag : nil
  }
}
