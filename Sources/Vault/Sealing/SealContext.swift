import Primitives

/// What a sealed thing is for. The number is part of what the tag covers; numbers are never reused.
public enum SealPurpose: UInt8, Sendable, Hashable, CaseIterable {
  /// The body of a row of `version`.
  case record = 1
  /// A small sealed thing by kind: peers, tokens, requests, notices.
  case item = 2
  /// The details of an audit entry.
  case audit = 3
  /// The node's own keys.
  case secret = 4
}

/// Where a sealed thing belongs. It is bound into the tag, so that rows cannot be swapped:
/// what was sealed for one place does not open at another.
public struct SealContext: Sendable, Hashable {
  /// The longest `key`, in bytes.
  public static let maximumKeyLength = 255

  /// What it is for.
  public var purpose: SealPurpose
  /// The chart's slot; 0 for what belongs to the node itself.
  public var slot: Int64
  /// The record key, or the kind and name of an item. At most 255 bytes.
  public var key: [UInt8]
  /// The version number of the record, or the number of the entry.
  public var version: Int64

  /// Names the place of a sealed thing.
  public init(purpose: SealPurpose = .record, slot: Int64, key: [UInt8], version: Int64) {
    self.purpose = purpose
    self.slot = slot
    self.key = key
    self.version = version
  }

  /// The additional data of the seal (docs/format/sealed-record.md, "Additional data").
  ///
  /// - Throws: `tooLarge` when the key is longer than 255 bytes.
  func additionalData(header: UnsafeRawBufferPointer) throws -> [UInt8] {
    guard key.count <= Self.maximumKeyLength else {
      throw PeerChartError(.tooLarge, "the key of a sealed thing is longer than 255 bytes")
    }
    var data: [UInt8] = []
    data.reserveCapacity(header.count + 18 + key.count)
    data.append(contentsOf: header)
    data.append(purpose.rawValue)
    withUnsafeBytes(of: slot.bigEndian) { data.append(contentsOf: $0) }
    withUnsafeBytes(of: version.bigEndian) { data.append(contentsOf: $0) }
    data.append(UInt8(truncatingIfNeeded: key.count))
    data.append(contentsOf: key)
    return data
  }
}
