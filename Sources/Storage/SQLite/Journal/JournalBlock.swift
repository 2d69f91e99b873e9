import CZlib
package import Exchange

/// Entries of the log that were appended together, as they lie in a file of a journal.
///
/// 28 bytes in front: `PCJ1`, the length of what follows them (32 bits), the number of the first entry among all that
/// this journal has ever taken (64 bits), how many there are (32 bits), four bytes that are zero, and CRC-32 (RFC 1952
/// section 8) over all that and what follows. Each entry: chart (64 bits, the smallest number for none), lengths of
/// leaf hash and sealed event (32 bits each), and these. Numbers are little-endian.
package struct JournalBlock: Equatable, Sendable {
  /// Behind it comes the block that begins with number `first + entries.count`.
  package let first: UInt64
  package let entries: [PreparedEntry]

  package var end: UInt64 { first &+ UInt64(entries.count) }

  private static let magic = Array("PCJ1".utf8)
  private static let headLength = 28
  private static let entryHeadLength = 16

  package init(first: UInt64, entries: [PreparedEntry]) {
    self.first = first
    self.entries = entries
  }

  // MARK: Writing

  package func encoded() -> [UInt8] {
    let length = entries.reduce(0) {
      $0 + Self.entryHeadLength + $1.leafHash.count + $1.sealed.count
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.headLength + length)
    bytes += Self.magic
    Self.put(UInt32(truncatingIfNeeded: length), to: &bytes)
    Self.put(first, to: &bytes)
    Self.put(UInt32(truncatingIfNeeded: entries.count), to: &bytes)
    Self.put(UInt64(0), to: &bytes)
    for entry in entries {
      Self.put(entry.slot ?? .min, to: &bytes)
      Self.put(UInt32(truncatingIfNeeded: entry.leafHash.count), to: &bytes)
      Self.put(UInt32(truncatingIfNeeded: entry.sealed.count), to: &bytes)
      bytes += entry.leafHash
      bytes += entry.sealed
    }
    let sum = bytes.withUnsafeBytes { Self.checksum($0) }
    bytes.replaceSubrange(24..<28, with: withUnsafeBytes(of: sum.littleEndian, Array.init))
    return bytes
  }

  private static func put(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }

  // MARK: Reading

  /// The blocks that follow one another from the beginning of a file. What lies behind them is from an earlier use
  /// of the file, or was never written to its end.
  package static func chain(_ bytes: [UInt8]) -> [JournalBlock] {
    bytes.withUnsafeBytes { bytes in
      var blocks: [JournalBlock] = []
      var rest = bytes[...]
      while let (block, length) = block(UnsafeRawBufferPointer(rebasing: rest)),
        blocks.last.map({ $0.end == block.first }) ?? true
      {
        blocks.append(block)
        rest = rest.dropFirst(length)
      }
      return blocks
    }
  }

  /// The block at the beginning, and how long it is; nil where there is none in one piece.
  private static func block(_ bytes: UnsafeRawBufferPointer) -> (JournalBlock, Int)? {
    guard bytes.count >= headLength, bytes[..<4].elementsEqual(magic) else { return nil }
    let length = headLength + Int(number(UInt32.self, bytes, 4))
    guard length <= bytes.count else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<length])
    guard number(UInt32.self, bytes, 24) == checksum(bytes) else { return nil }
    let count = number(UInt32.self, bytes, 16)
    var entries: [PreparedEntry] = []
    var place = headLength
    while place < length {
      guard length - place >= entryHeadLength else { return nil }
      let slot = number(Int64.self, bytes, place)
      let hashEnd = place + entryHeadLength + Int(number(UInt32.self, bytes, place + 8))
      let end = hashEnd + Int(number(UInt32.self, bytes, place + 12))
      guard end <= length else { return nil }
      entries.append(
        PreparedEntry(
          slot: slot == .min ? nil : slot, sealed: Array(bytes[hashEnd..<end]),
          leafHash: Array(bytes[(place + entryHeadLength)..<hashEnd])))
      place = end
    }
    guard entries.count == count, count > 0 else { return nil }
    return (JournalBlock(first: number(UInt64.self, bytes, 8), entries: entries), length)
  }

  private static func number<Number: FixedWidthInteger>(
    _: Number.Type, _ bytes: UnsafeRawBufferPointer, _ place: Int
  ) -> Number {
    Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
  }

  /// Over a block without its own four bytes.
  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let head = UnsafeRawBufferPointer(rebasing: bytes[..<24])
    let body = UnsafeRawBufferPointer(rebasing: bytes[headLength...])
    var sum: UInt = 0
    for part in [head, body] {
      sum = crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
    }
    return UInt32(truncatingIfNeeded: sum)
  }
}
