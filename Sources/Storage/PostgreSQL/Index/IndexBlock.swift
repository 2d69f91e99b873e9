import Primitives

/// A piece of the index as it is stored: entries in order, packed into some hundred bytes.
///
/// PostgreSQL spends 28 bytes on each row of a table before the first value, and as much on a key; an
/// entry by itself would take 110. Here it takes 5 to 15, by what it has in common with the entry
/// before it. What follows is for each entry a number of one or more bytes, the lower seven bits of
/// each first:
///
/// | lowest bits | upper bits | then | the entry has |
/// | --- | --- | --- | --- |
/// | 0 | how many counts further | | the same token and slot |
/// | 01 | how many slots further | the count | the same token |
/// | 11 | length of the step | the step to the token, the slot, the count | another token |
struct IndexBlock: Sendable {
  /// No entry comes before this. It stays while entries come and go, so that a block can be rewritten
  /// in its place without a change of its key.
  let lower: IndexEntry
  var bytes: [UInt8]
  var count: Int

  /// - Throws: `integrity`.
  func entries() throws -> [IndexEntry] {
    var entries: [IndexEntry] = []
    entries.reserveCapacity(count)
    var reader = IndexBlockReader(bytes)
    while let entry = try reader.next() { entries.append(entry) }
    return entries
  }

  /// The rows that bear a token, behind one and up to another.
  ///
  /// - Throws: `integrity`.
  func rows(of token: Int64, after: Int64, through: Int64) throws -> [Int64] {
    var rows: [Int64] = []
    var reader = IndexBlockReader(bytes)
    while let entry = try reader.next(), entry.token <= token {
      if entry.token == token, entry.row > after, entry.row <= through { rows.append(entry.row) }
    }
    return rows
  }
}

/// Takes the entries of a block apart. What it reads comes from a database that others can write to, so
/// it stops at whatever makes no sense.
struct IndexBlockReader {
  private let bytes: [UInt8]
  private var place = 0
  private var token: UInt64 = 0
  private var slot: UInt64 = 0
  private var count: UInt64 = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() throws -> IndexEntry? {
    guard place < bytes.count else { return nil }
    let head = try number()
    if head & 1 == 0 {
      count &+= head >> 1
    } else if head & 2 == 0 {
      slot &+= head >> 2
      count = try number()
    } else {
      token &+= try step(head >> 2)
      slot = try number()
      count = try number()
    }
    guard slot <= UInt64(RowNumber.largestSlot), count <= UInt64(RowNumber.largestCount) else {
      throw Self.damaged
    }
    return IndexEntry(
      token: Int64(bitPattern: token ^ IndexPacker.sign),
      row: RowNumber.row(slot: Int64(slot), count: Int64(count)))
  }

  private mutating func number() throws -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while place < bytes.count, shift < 63 {
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Self.damaged
  }

  private mutating func step(_ length: UInt64) throws -> UInt64 {
    guard length <= 8, place + Int(length) <= bytes.count else { throw Self.damaged }
    var value: UInt64 = 0
    for _ in 0..<length {
      value = value &<< 8 | UInt64(bytes[place])
      place += 1
    }
    return value
  }

  private static let damaged = PeerChartError(.integrity, "a piece of the index is damaged")
}
