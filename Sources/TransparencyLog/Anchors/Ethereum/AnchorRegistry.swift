import Crypto
public import Primitives

/// The calls and events of Contracts/AnchorRegistry.vy (docs/format/anchors.md).
public enum AnchorRegistry {
  /// How a log is named on a chain: SHA-256 over the origin of its checkpoints.
  public static func logID(origin: String) -> Hash { Hash(SHA256.hash(data: Array(origin.utf8))) }

  static let anchoredTopic = Keccak256.hash(
    Array("Anchored(address,bytes32,uint256,bytes32,bytes32)".utf8))

  /// The call that appends a root.
  public static func anchor(log: Hash, size: UInt64, root: Hash) -> [UInt8] {
    selector("anchor(bytes32,uint64,bytes32)") + log.bytes + word(size) + root.bytes
  }

  /// The call that says that something is revoked.
  public static func revoke(_ key: Hash) -> [UInt8] { selector("revoke(bytes32)") + key.bytes }

  /// The call that asks for a log's head.
  public static func head(account: EthereumAddress, log: Hash) -> [UInt8] {
    selector("head(address,bytes32)") + account.word + log.bytes
  }

  /// The call that asks since when something is revoked.
  public static func revokedAt(account: EthereumAddress, key: Hash) -> [UInt8] {
    selector("revokedAt(address,bytes32)") + account.word + key.bytes
  }

  /// The next accumulator: Keccak-256 over the one before, the root and the size as 32 bytes.
  public static func accumulate(_ before: [UInt8], root: Hash, size: UInt64) -> [UInt8] {
    Keccak256.hash(before + root.bytes + word(size))
  }

  /// The moment in the answer to `revokedAt`; nil where it is not revoked.
  ///
  /// - Throws: `malformed`.
  public static func revocationTime(_ answer: [UInt8]) throws(PeerChartError) -> Instant? {
    guard answer.count == 32, let seconds = number(answer[...]), seconds < 1 << 40 else {
      throw PeerChartError(.malformed, "this is not an answer of the registry")
    }
    return seconds == 0 ? nil : Instant(millisecondsSinceEpoch: Int64(seconds) * 1000)
  }

  static func word(_ value: UInt64) -> [UInt8] {
    [UInt8](repeating: 0, count: 24) + withUnsafeBytes(of: value.bigEndian, Array.init)
  }

  /// A word as a number; nil where it is larger than fits.
  static func number(_ word: ArraySlice<UInt8>) -> UInt64? {
    guard word.count == 32, word.dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
    return word.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func selector(_ signature: String) -> [UInt8] {
    Array(Keccak256.hash(Array(signature.utf8)).prefix(4))
  }
}

/// What the registry says about a log of an account.
public struct RegistryHead: Hashable, Sendable {
  /// How many roots there are.
  public let count: UInt64
  /// The size of the last.
  public let size: UInt64
  /// Over all of them, 32 bytes.
  public let accumulator: [UInt8]

  /// Reads the answer to `head`.
  ///
  /// - Throws: `malformed`.
  public init(_ answer: [UInt8]) throws(PeerChartError) {
    guard answer.count == 96, let count = AnchorRegistry.number(answer[..<32]),
      let size = AnchorRegistry.number(answer[32..<64])
    else { throw PeerChartError(.malformed, "this is not an answer of the registry") }
    self.count = count
    self.size = size
    accumulator = Array(answer[64...])
  }
}
