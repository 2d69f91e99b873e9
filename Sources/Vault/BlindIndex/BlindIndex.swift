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

  /// HMAC with the key already absorbed: copying it saves two of four compressions for each name.
  private let keyed: HMAC<SHA256>

  /// - Parameter key: the node's blind-index key; it must outlive every replacement of the root.
  public init(key: SymmetricKey) { keyed = HMAC(key: key) }

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
      var code = keyed
      code.update(data: UnsafeRawBufferPointer(input))
      return code.finalize().withUnsafeBytes(body)
    }
  }
}
