import Crypto
import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension NodeKeys {
  private static let magic = Array("peerchart-node-keys-v1\n".utf8)
  private static let keyLength = 32

  /// Lends the private keys as bytes, to be sealed by the vault, and wipes them afterwards.
  /// `body` must not keep them.
  public func withSerialized<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
    var bytes = Self.magic
    bytes.reserveCapacity(Self.magic.count + 4 * Self.keyLength)
    bytes.append(contentsOf: signing.rawRepresentation)
    bytes.append(contentsOf: sealing.seedRepresentation)
    bytes.append(contentsOf: authority.rawRepresentation)
    bytes.append(contentsOf: leaf.rawRepresentation)
    defer { for index in bytes.indices { bytes[index] = 0 } }
    return try body(bytes)
  }

  /// Reads what `withSerialized` lent.
  ///
  /// - Throws: `malformed` for anything else; nothing thrown holds a part of the bytes.
  public init(serialized bytes: [UInt8]) throws {
    guard bytes.count == Self.magic.count + 4 * Self.keyLength, bytes.starts(with: Self.magic)
    else {
      throw PeerChartError(.malformed, "the node's private keys do not follow their format")
    }
    func key(_ index: Int) -> [UInt8] {
      let start = Self.magic.count + index * Self.keyLength
      return Array(bytes[start..<start + Self.keyLength])
    }
    try self.init(signing: key(0), sealing: key(1), authority: key(2), leaf: key(3))
  }
}
