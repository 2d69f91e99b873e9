import CSodium
public import Crypto

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Keyed names for what must be found again without being stored: search values, record ids,
/// patient ids. Each is a truncated HMAC-SHA-256 under its own domain.
///
/// What the index gives away, equality and counts, is written in docs/threat_model.md.
/// Safe to share between threads.
public struct BlindIndex: Sendable {
  /// First byte of what is hashed. Numbers are never reused.
  private enum Domain: UInt8 {
    case token = 1
    case recordKey = 2
    case chartTag = 3
  }

  private let keyed: KeyedHash

  /// - Parameter key: the node's blind-index key; it must outlive every replacement of the root.
  public init(key: SymmetricKey) { keyed = KeyedHash(key) }

  /// The search token of some parts, say type, parameter and normalised value.
  ///
  /// 64 bits: a collision costs a look at one more candidate and cannot change a result.
  public func token(_ parts: String...) -> UInt64 { token(parts: parts) }

  /// As above, for parts in an array.
  public func token(parts: [String]) -> UInt64 {
    authenticate(.token, parts) {
      UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self))
    }
  }

  /// The 16 bytes that stand for `type/id` wherever a record is named in the store.
  public func recordKey(type: String, id: String) -> [UInt8] {
    authenticate(.recordKey, [type, id]) { Array($0[..<16]) }
  }

  /// The 16 bytes by which a chart is found from its patient's id.
  public func chartTag(patientID: String) -> [UInt8] {
    authenticate(.chartTag, [patientID]) { Array($0[..<16]) }
  }

  /// Domain, then each part behind its length as 32 bits, so that no two lists share a form.
  private func authenticate<Result>(
    _ domain: Domain, _ parts: [String], _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let length = parts.reduce(1) { $0 + 4 + $1.utf8.count }
    return withUnsafeTemporaryAllocation(byteCount: length, alignment: 8) { input in
      input[0] = domain.rawValue
      var end = 1
      for var part in parts {
        let count = UInt32(truncatingIfNeeded: part.utf8.count)
        input.storeBytes(of: count.bigEndian, toByteOffset: end, as: UInt32.self)
        end += 4
        part.withUTF8 { UnsafeMutableRawBufferPointer(rebasing: input[end...]).copyBytes(from: $0) }
        end += part.utf8.count
      }
      return keyed.authenticate(UnsafeRawBufferPointer(input), body)
    }
  }
}

/// HMAC-SHA-256 (RFC 2104) with the key already absorbed: copying that state saves two of four compressions
/// for each name, and libsodium's is copied without asking for memory. Safe to share between threads.
private final class KeyedHash: @unchecked Sendable {
  // Written by `init` only.
  private let state: UnsafeMutablePointer<crypto_auth_hmacsha256_state>

  init(_ key: SymmetricKey) {
    state = .allocate(capacity: 1)
    key.withUnsafeBytes { key in
      if let start = key.bindMemory(to: UInt8.self).baseAddress {
        _ = crypto_auth_hmacsha256_init(state, start, key.count)
      } else {
        _ = crypto_auth_hmacsha256_init(state, [], 0)
      }
    }
  }

  deinit {
    sodium_memzero(state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
    state.deallocate()
  }

  func authenticate<Result>(
    _ message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    var copy = state.pointee
    if let start = message.bindMemory(to: UInt8.self).baseAddress {
      crypto_auth_hmacsha256_update(&copy, start, UInt64(message.count))
    }
    var code: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    return withUnsafeMutableBytes(of: &code) { code in
      if let start = code.bindMemory(to: UInt8.self).baseAddress {
        crypto_auth_hmacsha256_final(&copy, start)
      }
      return body(UnsafeRawBufferPointer(code))
    }
  }
}
