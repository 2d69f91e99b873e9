/// Replacements of byte ranges of one text, applied together in one pass.
///
/// Ranges count from the start of the whole text, so that edits of a resource inside a Bundle use the
/// ranges of its values as they are. Everything outside the ranges is copied as it stands.
public struct ByteEdits: Sendable {
  private var edits: [(range: Range<Int>, bytes: [UInt8])] = []

  /// No edits.
  public init() {}

  /// Whether nothing is to be changed.
  public var isEmpty: Bool { edits.isEmpty }

  /// Puts `bytes` in the place of what `range` covers.
  public mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) {
    edits.append((range, bytes))
  }

  /// Puts `bytes` in front of the byte at `position`; insertions at one place keep their order.
  public mutating func insert(_ bytes: [UInt8], at position: Int) {
    replace(position..<position, with: bytes)
  }

  /// Leaves out what `range` covers.
  public mutating func remove(_ range: Range<Int>) { replace(range, with: []) }

  /// Adds other edits of the same text.
  public mutating func append(_ other: ByteEdits) { edits += other.edits }

  /// The part of `bytes` inside `window`, edited.
  ///
  /// Edits may not overlap. Of two that do the one that begins later is left out, as is one that
  /// reaches outside of the window: ranges taken from distinct values of one document do neither.
  public func applied(to bytes: [UInt8], within window: Range<Int>) -> [UInt8] {
    let window = window.clamped(to: bytes.indices)
    let sorted = edits.enumerated().sorted {
      ($0.element.range.lowerBound, $0.element.range.isEmpty ? 0 : 1, $0.offset)
        < ($1.element.range.lowerBound, $1.element.range.isEmpty ? 0 : 1, $1.offset)
    }
    var output: [UInt8] = []
    output.reserveCapacity(window.count + edits.reduce(0) { $0 + $1.bytes.count })
    var position = window.lowerBound
    for (_, edit) in sorted
    where edit.range.lowerBound >= position && edit.range.upperBound <= window.upperBound {
      output += bytes[position..<edit.range.lowerBound]
      output += edit.bytes
      position = edit.range.upperBound
    }
    output += bytes[position..<window.upperBound]
    return output
  }
}
