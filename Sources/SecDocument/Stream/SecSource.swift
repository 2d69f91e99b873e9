/// Where bytes come from. The module does no I/O of its own.
///
/// Calls are serialised, but come from different threads.
public protocol SecSource: Sendable {
  /// Reads up to `buffer.count` bytes into `buffer` and returns how many; 0 means the end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Where bytes go.
///
/// Calls are serialised, but come from different threads.
public protocol SecSink: Sendable {
  /// Takes all of `bytes`, which are valid during the call only.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// Bytes in memory as a source.
public struct SecBytesSource: SecSource {
  private var remaining: ArraySlice<UInt8>

  /// Reads `bytes` from their beginning.
  public init(_ bytes: [UInt8]) { remaining = bytes[...] }

  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let part = remaining.prefix(buffer.count)
    buffer.copyBytes(from: part)
    remaining = remaining.dropFirst(part.count)
    return part.count
  }
}

/// A sink that keeps everything in memory.
public struct SecBytesSink: SecSink {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// Starts empty.
  public init() {}

  public mutating func write(_ bytes: UnsafeRawBufferPointer) {
    self.bytes.append(contentsOf: bytes)
  }
}
