public import Crypto

/// The three hashes of RFC 6962 section 2.1. The leading byte keeps leaves and nodes apart, so that
/// no node can be passed off as a leaf.
extension Hash {
  /// The root of the tree without leaves: SHA-256 of nothing.
  public static let emptyTree: Hash = digest { _ in }

  /// The hash of a leaf: SHA-256(0x00 ‖ data).
  public static func leaf(_ data: some Collection<UInt8>) -> Hash {
    digest { hasher in
      Swift.withUnsafeBytes(of: UInt8(0x00)) { hasher.update(bufferPointer: $0) }
      let done: Void? = data.withContiguousStorageIfAvailable {
        hasher.update(bufferPointer: UnsafeRawBufferPointer($0))
      }
      if done == nil { hasher.update(data: Array(data)) }
    }
  }

  /// The hash of a leaf whose data is itself a hash: SHA-256(0x00 ‖ 32 bytes).
  public static func leaf(_ data: Hash) -> Hash {
    withUnsafeTemporaryAllocation(byteCount: 1 + byteCount, alignment: 8) { block in
      block[0] = 0x00
      data.withUnsafeBytes { block[1...].copyBytes(from: $0) }
      return digest { $0.update(bufferPointer: UnsafeRawBufferPointer(block)) }
    }
  }

  /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
  public static func node(_ left: Hash, _ right: Hash) -> Hash {
    withUnsafeTemporaryAllocation(byteCount: 1 + 2 * byteCount, alignment: 8) { block in
      block[0] = 0x01
      left.withUnsafeBytes { block[1...].copyBytes(from: $0) }
      right.withUnsafeBytes { block[(1 + byteCount)...].copyBytes(from: $0) }
      return digest { $0.update(bufferPointer: UnsafeRawBufferPointer(block)) }
    }
  }

  private static func digest(_ feed: (inout SHA256) -> Void) -> Hash {
    var hasher = SHA256()
    feed(&hasher)
    return Hash(hasher.finalize())
  }
}

extension Hash {
  /// A digest that was computed elsewhere.
  public init(_ digest: SHA256Digest) {
    self = digest.withUnsafeBytes { Hash(copying: $0) }
  }
}
