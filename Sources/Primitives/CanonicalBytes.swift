/// Writes the one byte form of a structure: big-endian integers, 32-bit length before each string.
///
/// What is hashed or signed goes through this, so that no two structures share a form.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8] = []
  public init() {}

  public mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  public mutating func append(raw value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

  public mutating func append(prefixed value: some Collection<UInt8>) {
    append(UInt32(truncatingIfNeeded: value.count))
    bytes.append(contentsOf: value)
  }

  public mutating func append(prefixed text: String) { append(prefixed: Array(text.utf8)) }
}

/// Reads what `ByteWriter` wrote. Every read is bounds-checked and throws `malformed` with its place.
public struct ByteReader: Sendable {
  @usableFromInline let bytes: [UInt8]
  public private(set) var position: Int

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
  }

  public var remaining: Int { bytes.count - position }

  @inlinable
  public mutating func read<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws -> Value {
    let range = try advance(MemoryLayout<Value>.size)
    return Value(
      bigEndian: bytes.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: range.lowerBound, as: Value.self)
      })
  }

  public mutating func read(count: Int) throws -> [UInt8] {
    let range = try advance(count)
    return bytes.withUnsafeBytes { Array($0[range]) }
  }

  /// Passes over the next bytes; where they are.
  @usableFromInline
  mutating func advance(_ count: Int) throws -> Range<Int> {
    guard count >= 0, count <= remaining else {
      throw PeerChartError(.malformed, "the input ends early", place: "byte \(position)")
    }
    defer { position += count }
    return position..<position + count
  }

  /// Reads a length-prefixed string of at most `limit` bytes.
  public mutating func readPrefixed(limit: Int) throws -> [UInt8] {
    let range = try prefixed(limit)
    return bytes.withUnsafeBytes { Array($0[range]) }
  }

  private mutating func prefixed(_ limit: Int) throws -> Range<Int> {
    let start = position
    let count = Int(try read(UInt32.self))
    guard count <= limit else {
      throw PeerChartError(
        .tooLarge, "a field is longer than \(limit) bytes", place: "byte \(start)")
    }
    return try advance(count)
  }

  /// Reads a length-prefixed string of at most `limit` bytes that is UTF-8.
  public mutating func readPrefixedText(limit: Int) throws -> String {
    let start = position
    let range = try prefixed(limit)
    let text = bytes.withUnsafeBufferPointer { bytes -> String? in
      let bytes = UnsafeBufferPointer(rebasing: bytes[range])
      // Checking first takes ten times as long: what had to be mended is not the same any more.
      var text = String(decoding: bytes, as: UTF8.self)
      return text.withUTF8 { $0.elementsEqual(bytes) } ? text : nil
    }
    guard let text else {
      throw PeerChartError(.malformed, "a text is not UTF-8", place: "byte \(start)")
    }
    return text
  }

  /// Throws `malformed` unless everything has been read.
  public func requireEnd() throws {
    guard remaining == 0 else {
      throw PeerChartError(.malformed, "bytes follow the end", place: "byte \(position)")
    }
  }
}
