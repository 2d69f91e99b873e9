import Primitives

/// Exact reads over a source that may give less than it is asked for, with bytes put back.
struct StreamInput<Source: SecSource>: Sendable {
  private var source: Source
  private var pending: ArraySlice<UInt8> = []
  /// How many bytes were read so far.
  private(set) var position: UInt64 = 0

  init(_ source: Source) { self.source = source }

  /// Where reading stands, for errors.
  var place: String { "byte \(position)" }

  func truncated() -> PeerChartError {
    PeerChartError(.secTruncated, "the document ends too early", place: place)
  }

  /// Fills `buffer` as far as there is input; less than its size means the end.
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let part = pending.prefix(buffer.count)
    buffer.copyBytes(from: part)
    pending = pending.dropFirst(part.count)
    var count = part.count
    while count < buffer.count {
      let free = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      let got = try source.read(into: free)
      guard (0...free.count).contains(got) else {
        throw PeerChartError(.invalid, "a source returned more than it was asked for")
      }
      if got == 0 { break }
      count += got
    }
    position += UInt64(count)
    return count
  }

  /// Puts back what was read too far.
  mutating func putBack(_ bytes: UnsafeRawBufferPointer) {
    pending = (Array(bytes) + pending)[...]
    position -= UInt64(bytes.count)
  }

  mutating func read(upTo limit: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = try fill(UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Throws `sec-truncated` when there is less.
  mutating func read(exactly count: Int) throws -> [UInt8] {
    let bytes = try read(upTo: count)
    guard bytes.count == count else { throw truncated() }
    return bytes
  }
}
