/// The sealed bytes of a version: at hand, or kept apart from the row and fetched when they are asked for.
///
/// Large bodies lie apart. Whoever only looks at a row's number or chart does not pay for them.
public struct SealedBody: Sendable, Equatable {
  private enum Place: Sendable {
    case here([UInt8])
    case apart(hash: [UInt8], fetch: @Sendable () throws -> [UInt8])
  }

  private let place: Place

  public init(_ bytes: [UInt8]) { place = .here(bytes) }

  /// - Parameters:
  ///   - hash: the SHA-256 of the bytes.
  ///   - fetch: gets them and compares the hash. It may take as long as a network takes.
  public init(apart hash: [UInt8], fetch: @escaping @Sendable () throws -> [UInt8]) {
    place = .apart(hash: hash, fetch: fetch)
  }

  /// - Throws: `integrity` where they are missing or not what was stored, `storage` where they cannot
  ///   be reached.
  public func bytes() throws -> [UInt8] {
    switch place {
    case .here(let bytes): bytes
    case .apart(_, let fetch): try fetch()
    }
  }

  /// How many bytes of it are at hand.
  var bytesHere: Int { if case .here(let bytes) = place { bytes.count } else { 0 } }

  public static func == (a: Self, b: Self) -> Bool {
    switch (a.place, b.place) {
    case (.here(let a), .here(let b)): a == b
    case (.apart(let a, _), .apart(let b, _)): a == b
    default: false
    }
  }
}

/// What a look at all bodies that are kept apart from their rows found.
public struct BodyCheck: Sendable, Equatable {
  /// How many there should be.
  public var count = 0
  /// How many are not there, or not of the length they should have.
  public var missing = 0
  public init() {}
}
