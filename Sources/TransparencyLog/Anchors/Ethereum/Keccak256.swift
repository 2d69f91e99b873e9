/// The hash of Ethereum: Keccak-256 as submitted, with the padding byte 0x01 (FIPS 202 later took 0x06).
///
/// Written here because no library at hand has it: swift-crypto and OpenSSL have SHA-3 only. It protects
/// nothing by itself; a wrong value is one that the chain does not accept.
public enum Keccak256 {
  private static let rate = 136

  /// The 32-byte hash.
  public static func hash(_ input: [UInt8]) -> [UInt8] {
    var state = [UInt64](repeating: 0, count: 25)
    var block = [UInt8](repeating: 0, count: rate)
    var position = 0
    while input.count - position >= rate {
      absorb(input[position..<position + rate], into: &state)
      position += rate
    }
    let rest = input[position...]
    for (index, byte) in rest.enumerated() { block[index] = byte }
    block[rest.count] ^= 0x01
    block[rate - 1] ^= 0x80
    absorb(block[...], into: &state)
    return state[..<4].flatMap { lane in (0..<8).map { UInt8(truncatingIfNeeded: lane >> (8 * $0)) }
    }
  }

  private static func absorb(_ block: ArraySlice<UInt8>, into state: inout [UInt64]) {
    for (index, byte) in block.enumerated() {
      state[index / 8] ^= UInt64(byte) << UInt64(8 * (index % 8))
    }
    permute(&state)
  }

  /// Keccak-f[1600] (FIPS 202 section 3.3): theta, rho with pi, chi, iota, 24 times.
  private static func permute(_ state: inout [UInt64]) {
    var columns = [UInt64](repeating: 0, count: 5)
    for constant in roundConstants {
      for x in 0..<5 {
        columns[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
      }
      for x in 0..<5 {
        let parity = columns[(x + 4) % 5] ^ rotate(columns[(x + 1) % 5], 1)
        for y in stride(from: x, to: 25, by: 5) { state[y] ^= parity }
      }
      var moved = state[1]
      for (target, count) in lanes {
        let kept = state[target]
        state[target] = rotate(moved, count)
        moved = kept
      }
      for row in stride(from: 0, to: 25, by: 5) {
        for x in 0..<5 { columns[x] = state[row + x] }
        for x in 0..<5 {
          state[row + x] = columns[x] ^ (~columns[(x + 1) % 5] & columns[(x + 2) % 5])
        }
      }
      state[0] ^= constant
    }
  }

  private static func rotate(_ lane: UInt64, _ count: UInt64) -> UInt64 {
    lane << count | lane >> (64 - count)
  }

  /// Where each lane goes next, and by how many bits it is turned.
  private static let lanes: [(Int, UInt64)] = {
    var lanes: [(Int, UInt64)] = []
    var (x, y) = (1, 0)
    for step in 0..<24 {
      (x, y) = (y, (2 * x + 3 * y) % 5)
      lanes.append((x + 5 * y, UInt64((step + 1) * (step + 2) / 2 % 64)))
    }
    return lanes
  }()

  /// The constants of iota, from the shift register of FIPS 202 section 3.2.5.
  private static let roundConstants: [UInt64] = {
    var register: UInt8 = 1
    return (0..<24).map { _ in
      var constant: UInt64 = 0
      for bit in 0..<7 {
        if register & 1 == 1 { constant |= 1 << (UInt64(1 << bit) - 1) }
        register = register << 1 ^ (register >> 7 == 1 ? 0x71 : 0)
      }
      return constant
    }
  }()
}
