public import Primitives

/// Reads CBOR in the one form that WebAuthn allows, the CTAP2 canonical form: definite lengths, the
/// shortest numbers, sorted keys without repetition, no tags, four levels at most. Whoever reads only
/// one form cannot read two things out of the same bytes.
///
/// Floating-point numbers are refused: no authenticator has a use for them here.
public struct CBORReader: Sendable {
  /// The most that is looked at.
  public static let limit = 65_536
  static let depth = 4

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Reads bytes that are one data item and nothing else.
  ///
  /// - Throws: `malformed` for another form, `tooLarge` beyond the bounds.
  public static func read(_ bytes: [UInt8]) throws(PeerChartError) -> CBORValue {
    let (value, count) = try readPrefix(bytes[...])
    guard count == bytes.count else {
      throw PeerChartError(.malformed, "bytes follow the CBOR", place: "byte \(count)")
    }
    return value
  }

  /// Reads one data item at the start, and says how many bytes it has.
  ///
  /// - Throws: as above; the place counts from the start of the slice.
  public static func readPrefix(
    _ bytes: ArraySlice<UInt8>
  ) throws(PeerChartError) -> (value: CBORValue, count: Int) {
    guard bytes.count <= limit else {
      throw PeerChartError(.tooLarge, "CBOR of more than \(limit) bytes")
    }
    var reader = CBORReader(bytes)
    let value = try reader.item(level: 0)
    return (value, reader.position - bytes.startIndex)
  }

  private mutating func item(level: Int) throws(PeerChartError) -> CBORValue {
    let start = position
    let (kind, info) = try head()
    if kind == 7 { return try simple(info, at: start) }
    let argument = try argument(info, at: start)
    switch kind {
    case 0: return .unsigned(argument)
    case 1: return .negative(argument)
    case 2: return .bytes(try string(argument, at: start))
    case 3:
      guard let text = String(validating: try string(argument, at: start), as: UTF8.self) else {
        throw fault("a text of the CBOR is not UTF-8", at: start)
      }
      return .text(text)
    case 4: return .array(try items(argument, level: level, at: start))
    case 5: return .map(try map(argument, level: level, at: start))
    default: throw fault("a tag in the CBOR", at: start)
    }
  }

  private mutating func head() throws(PeerChartError) -> (kind: UInt8, info: UInt8) {
    guard position < bytes.endIndex else { throw fault("the CBOR ends early", at: position) }
    defer { position += 1 }
    return (bytes[position] >> 5, bytes[position] & 31)
  }

  /// A number in the fewest bytes that hold it.
  private mutating func argument(_ info: UInt8, at start: Int) throws(PeerChartError) -> UInt64 {
    guard info >= 24 else { return UInt64(info) }
    guard info < 28 else { throw fault("a length of the CBOR is not stated", at: start) }
    let count = 1 << Int(info - 24)
    guard count <= bytes.endIndex - position else { throw fault("the CBOR ends early", at: start) }
    let number = bytes[position..<position + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    position += count
    let least: UInt64 = count == 1 ? 24 : 1 << UInt64(4 * count)
    guard number >= least else {
      throw fault("a number of the CBOR has more bytes than it needs", at: start)
    }
    return number
  }

  private func simple(_ info: UInt8, at start: Int) throws(PeerChartError) -> CBORValue {
    switch info {
    case 20: return .bool(false)
    case 21: return .bool(true)
    case 22: return .null
    case 23: return .undefined
    default: throw fault("a value of the CBOR is of no kind that is used here", at: start)
    }
  }

  private mutating func string(_ count: UInt64, at start: Int) throws(PeerChartError) -> [UInt8] {
    guard let count = Int(exactly: count), count <= bytes.endIndex - position else {
      throw fault("the CBOR ends early", at: start)
    }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  private mutating func items(
    _ count: UInt64, level: Int, at start: Int
  ) throws(PeerChartError) -> [CBORValue] {
    try check(count, level: level, at: start)
    var items: [CBORValue] = []
    for _ in 0..<count { items.append(try item(level: level + 1)) }
    return items
  }

  private mutating func map(
    _ count: UInt64, level: Int, at start: Int
  ) throws(PeerChartError) -> CBORMap {
    try check(count, level: level, at: start)
    var entries: [CBORMap.Entry] = []
    var previous: ArraySlice<UInt8> = []
    for _ in 0..<count {
      let place = position
      let key = try item(level: level + 1)
      guard key.int != nil || key.text != nil else {
        throw fault("a key of the CBOR is neither number nor text", at: place)
      }
      let encoded = bytes[place..<position]
      guard previous.isEmpty || Self.precedes(previous, encoded) else {
        throw fault("the keys of the CBOR are not sorted, or one is there twice", at: place)
      }
      previous = encoded
      entries.append(CBORMap.Entry(key: key, value: try item(level: level + 1)))
    }
    return CBORMap(entries)
  }

  /// An item takes a byte at least, so a count beyond the bytes left is a lie.
  private func check(_ count: UInt64, level: Int, at start: Int) throws(PeerChartError) {
    guard level < Self.depth else {
      throw PeerChartError(.tooLarge, "CBOR of more than \(Self.depth) levels", place: place(start))
    }
    guard count <= UInt64(bytes.endIndex - position) else {
      throw fault("the CBOR ends early", at: start)
    }
  }

  /// By kind, then length, then bytes.
  private static func precedes(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
    let kinds = ((a.first ?? 0) >> 5, (b.first ?? 0) >> 5)
    if kinds.0 != kinds.1 { return kinds.0 < kinds.1 }
    if a.count != b.count { return a.count < b.count }
    return a.lexicographicallyPrecedes(b)
  }

  private func place(_ position: Int) -> String { "byte \(position - bytes.startIndex)" }

  private func fault(_ reason: String, at position: Int) -> PeerChartError {
    PeerChartError(.malformed, reason, place: place(position))
  }
}
