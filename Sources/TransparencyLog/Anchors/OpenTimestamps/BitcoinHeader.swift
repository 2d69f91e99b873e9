import Crypto
public import Primitives

/// The head of a Bitcoin block: 80 bytes.
public struct BitcoinHeader: Hashable, Sendable {
  /// The root of its transactions, in the order of bytes in which it is hashed.
  public let merkleRoot: [UInt8]
  /// When its miner says that it was made; it may be hours off.
  public let time: Instant
  /// The block's hash in the order of bytes in which it is hashed.
  public let hash: [UInt8]

  /// - Throws: `malformed` unless there are 80 bytes.
  public init(_ bytes: [UInt8]) throws(PeerChartError) {
    guard bytes.count == 80 else {
      throw PeerChartError(.malformed, "the head of a Bitcoin block has 80 bytes")
    }
    merkleRoot = Array(bytes[36..<68])
    func word(_ at: Int) -> UInt32 {
      bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    time = Instant(millisecondsSinceEpoch: Int64(word(68)) * 1000)
    hash = Array(SHA256.hash(data: Array(SHA256.hash(data: bytes))))
  }

  /// The name by which programs ask for the block: the hash turned round, in hexadecimal.
  public var name: String { Hex.encode(hash.reversed()) }
}
