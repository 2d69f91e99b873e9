/// The bytes of a text under the parser's eye. No index can reach outside: behind the end there are
/// zeros, which no JSON token contains.
struct ByteView {
  private let buffer: UnsafeBufferPointer<UInt8>
  let count: Int

  init(_ buffer: UnsafeBufferPointer<UInt8>) {
    self.buffer = buffer
    count = buffer.count
  }

  subscript(index: Int) -> UInt8 {
    @inline(__always) get {
      UInt(bitPattern: index) < UInt(bitPattern: count) ? buffer[index] : 0
    }
  }

  /// The eight bytes from `index` on, the first in the lowest bits; nil when there are fewer.
  @inline(__always)
  func word(at index: Int) -> UInt64? {
    guard index >= 0, index <= count &- 8, let base = buffer.baseAddress else { return nil }
    return UInt64(
      littleEndian: UnsafeRawPointer(base).loadUnaligned(fromByteOffset: index, as: UInt64.self))
  }

  /// Whether the bytes of a range are these.
  @inline(__always)
  func holds(_ wanted: UnsafeBufferPointer<UInt8>, at range: Range<Int>) -> Bool {
    guard range.count == wanted.count else { return false }
    var index = range.lowerBound
    for byte in wanted {
      if self[index] != byte { return false }
      index += 1
    }
    return true
  }

  /// Compares two ranges as memory is compared; what reaches outside counts as zeros.
  func order(_ a: Range<Int>, _ b: Range<Int>) -> Int {
    var i = a.lowerBound
    var j = b.lowerBound
    while i < a.upperBound, j < b.upperBound {
      let x = self[i]
      let y = self[j]
      if x != y { return x < y ? -1 : 1 }
      i += 1
      j += 1
    }
    return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
  }
}
