import Crypto

/// The content digest: the RFC 6962 tree hash over the content's 64 KiB chunks.
///
/// Leaves are hashed beside each other on all cores; only the few node hashes are sequential. It
/// also lets a proof about one chunk stay short. Memory is one hash for each level.
struct ContentTree: Sendable {
  /// Roots of the perfect subtrees so far, largest first: one for each set bit of `count`.
  private var subtrees: [SHA256Digest] = []
  private var count: UInt64 = 0

  /// SHA-256(0x00 ‖ chunk).
  static func leaf(_ chunk: UnsafeRawBufferPointer) -> SHA256Digest {
    var hash = SHA256()
    hash.update(data: [0 as UInt8])
    hash.update(bufferPointer: chunk)
    return hash.finalize()
  }

  mutating func append(_ leaf: SHA256Digest) {
    var node = leaf
    var rest = count
    while rest & 1 == 1, let left = subtrees.popLast() {
      node = Self.node(left, node)
      rest >>= 1
    }
    subtrees.append(node)
    count += 1
  }

  /// The root; of nothing, SHA-256 of nothing.
  var root: [UInt8] {
    guard var node = subtrees.last else { return Array(SHA256.hash(data: [UInt8]())) }
    for left in subtrees.dropLast().reversed() { node = Self.node(left, node) }
    return Array(node)
  }

  /// SHA-256(0x01 ‖ left ‖ right).
  private static func node(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
    var hash = SHA256()
    hash.update(data: [1 as UInt8])
    left.withUnsafeBytes { hash.update(bufferPointer: $0) }
    right.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize()
  }
}
