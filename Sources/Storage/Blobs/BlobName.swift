import Crypto
import Primitives

/// What a blob is called: the SHA-256 of its bytes, and how many there are.
public struct BlobReference: Hashable, Sendable {
  /// 32 bytes.
  public let hash: [UInt8]
  /// In bytes.
  public let length: Int

  init(hash: [UInt8], length: Int) {
    self.hash = hash
    self.length = length
  }

  /// Names what is to be stored.
  public init(of bytes: [UInt8]) {
    hash = Array(SHA256.hash(data: bytes))
    length = bytes.count
  }

  /// The name as 64 lower-case hexadecimal digits.
  public var name: String { Hex.encode(hash) }

  /// Returns the bytes if they are the ones that were named.
  ///
  /// - Throws: `integrity` for anything else, and for none.
  func verified(_ bytes: [UInt8]?) throws -> [UInt8] {
    guard let bytes else {
      throw PeerChartError(.integrity, "a large body is not where it was put")
    }
    guard bytes.count == length, Array(SHA256.hash(data: bytes)) == hash else {
      throw PeerChartError(.integrity, "a large body was changed or cut off where it lies")
    }
    return bytes
  }
}

/// A blob as its place lists it.
public struct StoredBlob: Sendable {
  /// 32 bytes.
  public let hash: [UInt8]
  /// In bytes.
  public let length: Int
  /// Seconds since it was put there, by the clock of the place.
  public let age: Int64

  public init(hash: [UInt8], length: Int, age: Int64) {
    self.hash = hash
    self.length = length
    self.age = age
  }
}
