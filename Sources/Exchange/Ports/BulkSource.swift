/// Where `$import` fetches its files: servers that the operator of this node has named, and no others.
public protocol BulkSource: Sendable {
  /// Whether an address is at a server that was named.
  func allows(_ url: String) -> Bool

  /// Opens a file from its beginning.
  ///
  /// - Throws: `unreachable` for what another attempt may mend, `invalid` for what it will not: an address
  ///   that is not allowed, or another answer than the file.
  func open(_ url: String) async throws -> any BulkStream
}

/// A file that comes in piece by piece, at the pace at which the pieces are asked for.
public protocol BulkStream {
  /// The next piece; nil at the end of a file that came in whole.
  ///
  /// - Throws: `unreachable` where the file breaks off or stalls, `too-large`.
  mutating func next() async throws -> [UInt8]?
}
