import Primitives

/// One generation of the root, in the memory of a provider.
struct RootKey: Sendable, Equatable {
  let generation: UInt32
  let secret: SecretBytes
}

/// The generations of the root that a provider holds: ascending, never empty, few.
struct RootKeys: Sendable, Equatable {
  /// More than this many at once means that replacements keep failing half-way.
  static let limit = 8

  let keys: [RootKey]

  /// - Throws: `malformed` unless there are 1 to 8 keys of 256 bits with rising generations from 1 on.
  init(_ keys: [RootKey]) throws {
    let rising = zip(keys, keys.dropFirst()).allSatisfy { $0.generation < $1.generation }
    guard let first = keys.first, first.generation > 0, keys.count <= Self.limit, rising,
      keys.allSatisfy({ $0.secret.count == 32 })
    else {
      throw PeerChartError(.malformed, "the generations of the root key make no sense")
    }
    self.keys = keys
  }

  /// The first root of a new node.
  init(first random: any RandomSource) {
    keys = [RootKey(generation: 1, secret: SecretBytes(random: random, count: 32))]
  }

  func key(_ generation: UInt32) -> RootKey? { keys.first { $0.generation == generation } }

  /// The smallest generation beyond `current`, if there is one already.
  func staged(after current: UInt32) -> UInt32? {
    keys.first { $0.generation > current }?.generation
  }

  /// The same keys and one more.
  func adding(random: any RandomSource) throws -> RootKeys {
    let (next, overflow) = (keys.last?.generation ?? 0).addingReportingOverflow(1)
    guard !overflow else { throw PeerChartError(.invalid, "the root key cannot be replaced again") }
    guard keys.count < Self.limit else {
      throw PeerChartError(
        .conflict, "too many replacements of the root key were begun and not finished")
    }
    let key = RootKey(generation: next, secret: SecretBytes(random: random, count: 32))
    return try RootKeys(keys + [key])
  }

  /// The keys from `generation` on.
  func dropping(before generation: UInt32) throws -> RootKeys {
    guard key(generation) != nil else {
      throw PeerChartError(.notFound, "there is no root key of generation \(generation)")
    }
    return try RootKeys(keys.filter { $0.generation >= generation })
  }
}
