/// Makes blocks of entries that come in order.
struct IndexPacker {
  /// Tokens order as signed numbers, and are packed as steps of unsigned ones.
  static let sign: UInt64 = 1 << 63
  /// A block of more bytes is divided. Larger ones take less room for their rows and keys, and cost more
  /// to rewrite for one entry.
  static let mostBytes = 640

  private let aim: Int
  private var lower: IndexEntry
  private var bytes: [UInt8] = []
  private var count = 0
  private var token: UInt64 = 0
  private var slot: UInt64 = 0
  private var rowCount: UInt64 = 0

  /// - Parameters:
  ///   - lower: the bound of the first block.
  ///   - aim: a block that has reached this many bytes is complete.
  init(lower: IndexEntry, aim: Int) {
    self.lower = lower
    self.aim = aim
  }

  /// - Returns: a block that was complete before this entry.
  mutating func add(_ entry: IndexEntry) -> IndexBlock? {
    var full: IndexBlock?
    if bytes.count >= aim {
      full = end()
      lower = entry
      (bytes, count, token) = ([], 0, 0)
    }
    let newToken = UInt64(bitPattern: entry.token) ^ Self.sign
    let newSlot = UInt64(bitPattern: RowNumber.slot(of: entry.row))
    let newCount = UInt64(bitPattern: RowNumber.count(of: entry.row))
    if count == 0 || newToken != token {
      append(stepTo: newToken &- token)
      append(newSlot)
      append(newCount)
    } else if newSlot != slot {
      append((newSlot &- slot) &<< 2 | 1)
      append(newCount)
    } else {
      append((newCount &- rowCount) &<< 1)
    }
    (token, slot, rowCount) = (newToken, newSlot, newCount)
    count += 1
    return full
  }

  /// The last block, which may be empty.
  func end() -> IndexBlock { IndexBlock(lower: lower, bytes: bytes, count: count) }

  private mutating func append(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func append(stepTo step: UInt64) {
    let length = (64 - step.leadingZeroBitCount + 7) / 8
    append(UInt64(length) &<< 2 | 3)
    for index in stride(from: length - 1, through: 0, by: -1) {
      bytes.append(UInt8(truncatingIfNeeded: step &>> UInt64(index * 8)))
    }
  }
}

extension IndexBlock {
  /// Blocks for these entries: one if they fit, else so many that each has room to grow.
  ///
  /// - Parameter lower: the bound of the first one.
  static func pack(_ entries: [IndexEntry], lower: IndexEntry) -> [IndexBlock] {
    let whole = pack(entries, lower: lower, aim: .max)
    let size = whole.first?.bytes.count ?? 0
    guard size > IndexPacker.mostBytes else { return whole }
    let pieces = size * 3 / (IndexPacker.mostBytes * 2) + 1
    return pack(entries, lower: lower, aim: size / pieces + 8)
  }

  private static func pack(_ entries: [IndexEntry], lower: IndexEntry, aim: Int) -> [IndexBlock] {
    var packer = IndexPacker(lower: lower, aim: aim)
    var blocks = entries.compactMap { packer.add($0) }
    blocks.append(packer.end())
    return blocks
  }
}
