public import Primitives

/// The path form `tile/L/N[.p/W]`: the index in groups of three digits, all but the last behind `x`.
extension Tile {
  /// The path relative to the log's prefix: `tile/0/x001/x234/067`, `tile/1/000.p/17`.
  public var path: String {
    let digits = String(index)
    let padded = String(repeating: "0", count: (3 - digits.count % 3) % 3) + digits
    var groups = stride(from: 0, to: padded.count, by: 3).map { padded.dropFirst($0).prefix(3) }
    let last = groups.removeLast()
    let head = groups.map { "x\($0)/" }.joined()
    return "tile/\(level)/\(head)\(last)" + (isFull ? "" : ".p/\(width)")
  }

  /// Parses a path; strict, so that each tile has one path: no superfluous zeroes or groups, no `.p`
  /// on a full tile. Throws `malformed`.
  public init(path: some StringProtocol) throws(PeerChartError) {
    guard let tile = Tile.parse(Array(path.utf8)) else {
      throw PeerChartError(.malformed, "this is not the path of a tile")
    }
    self = tile
  }

  private static func parse(_ path: [UInt8]) -> Tile? {
    // 20 digits of index make seven groups of five characters: nothing longer can be a tile.
    guard path.count <= 64 else { return nil }
    var parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count >= 3, parts.removeFirst().elementsEqual("tile".utf8),
      let level = Decimal.parse(parts.removeFirst()), level <= UInt64(maximumLevel)
    else { return nil }
    var width = fullWidth
    if parts.count >= 2, parts[parts.count - 2].suffix(2).elementsEqual(".p".utf8) {
      guard let value = Decimal.parse(parts.removeLast()), value >= 1, value < UInt64(fullWidth),
        let head = parts.popLast()
      else { return nil }
      width = Int(value)
      parts.append(head.dropLast(2))
    }
    guard let index = parseIndex(parts) else { return nil }
    return Tile(level: Int(level), index: index, width: width)
  }

  private static func parseIndex(_ groups: [ArraySlice<UInt8>]) -> UInt64? {
    var digits: [UInt8] = []
    for (position, group) in groups.enumerated() {
      var group = group
      if position < groups.count - 1 {
        guard group.popFirst() == UInt8(ascii: "x") else { return nil }
      }
      guard group.count == 3 else { return nil }
      digits += group
    }
    let significant = digits.drop { $0 == UInt8(ascii: "0") }
    // A leading group of zeroes is allowed only where it is the only group.
    guard groups.count == 1 || significant.count > digits.count - 3 else { return nil }
    return significant.isEmpty ? 0 : Decimal.parse(significant)
  }
}
