/// Bytes in pieces: long ones are kept as they came, so that a page of large resources is not copied
/// together before it is sent.
package struct ByteSegments: Sendable {
  private static let copiedBytes = 4096

  package private(set) var segments: [[UInt8]] = []
  package private(set) var count = 0
  private var tail: [UInt8] = []

  package init() {}

  package mutating func append(_ text: String) {
    tail += text.utf8
    count += text.utf8.count
  }

  package mutating func append(_ bytes: [UInt8]) {
    count += bytes.count
    guard bytes.count > Self.copiedBytes else {
      tail += bytes
      return
    }
    flush()
    segments.append(bytes)
  }

  /// All pieces, in order.
  package consuming func finished() -> [[UInt8]] {
    flush()
    return segments
  }

  private mutating func flush() {
    guard !tail.isEmpty else { return }
    segments.append(tail)
    tail = []
  }
}
