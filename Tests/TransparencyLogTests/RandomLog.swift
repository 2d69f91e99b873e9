import TransparencyLog

/// A small generator whose seed is printed with every failure (xorshift64*).
struct SeededGenerator: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64 = .random(in: 1 ... .max)) {
    self.seed = seed
    state = seed
  }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

/// A log in memory, as a store keeps it: leaf hashes and tile roots.
struct MemoryLog: LogView {
  private(set) var leaves: [Hash] = []
  private(set) var roots: [Int: [Hash]] = [:]
  private(set) var frontier = Frontier()

  var size: UInt64 { UInt64(leaves.count) }

  init(size: Int) {
    leaves.reserveCapacity(size)
    for index in 0..<size { append(Hash.leaf(Array("leaf \(index)".utf8))) }
  }

  mutating func append(_ leaf: Hash) {
    leaves.append(leaf)
    var completed: [TileRoot] = []
    frontier.append(leaf, completing: &completed)
    for root in completed {
      precondition(root.index == UInt64(roots[root.level, default: []].count))
      roots[root.level, default: []].append(root.hash)
    }
  }

  func leafHashes(_ range: Range<UInt64>) -> [Hash] {
    Array(leaves[Int(range.lowerBound)..<Int(range.upperBound)])
  }

  func tileRoots(level: Int, _ range: Range<UInt64>) -> [Hash] {
    Array(roots[level, default: []][Int(range.lowerBound)..<Int(range.upperBound)])
  }

  /// The definition of RFC 6962 section 2.1, word for word.
  static func definedRoot(_ leaves: ArraySlice<Hash>) -> Hash {
    guard let first = leaves.first else { return Hash.emptyTree }
    if leaves.count == 1 { return first }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    return Hash.node(definedRoot(leaves.prefix(split)), definedRoot(leaves.dropFirst(split)))
  }
}
