import Primitives
import Synchronization

/// What the two file providers share: the roots in memory, and their file.
///
/// Another process may replace the root, so a generation that memory does not know is looked for in
/// the file once more before it counts as gone.
final class StoredRootKeys: Sendable {
  /// How roots become the content of the file and back: in the clear, or under a passphrase.
  struct Coding: Sendable {
    let encode: @Sendable (RootKeys) throws -> SecretBytes
    let decode: @Sendable (SecretBytes) throws -> RootKeys
  }

  private let file: KeyFile
  private let random: any RandomSource
  private let coding: Mutex<Coding>
  private let known: Mutex<RootKeys>

  init(file: KeyFile, coding: Coding, random: any RandomSource) throws {
    self.file = file
    self.random = random
    known = Mutex(try coding.decode(file.read()))
    self.coding = Mutex(coding)
  }

  static func create(_ file: KeyFile, coding: Coding, random: any RandomSource) throws {
    try file.create(coding.encode(RootKeys(first: random)))
  }

  func generations() throws -> [UInt32] { try reload().keys.map(\.generation) }

  func wrap(_ key: SecretBytes, context: KeyContext, generation: UInt32) throws -> WrappedKey {
    try WrappedKey(
      key, under: root(generation), generation: generation, context: context, random: random)
  }

  func unwrap(_ wrapped: WrappedKey, context: KeyContext) throws -> SecretBytes {
    try wrapped.unwrap(with: root(wrapped.wrappedBy), context: context)
  }

  func stage(after current: UInt32) throws -> UInt32 {
    try update(wiping: false) { keys in
      guard keys.staged(after: current) == nil else { return nil }
      // A store ahead of its key file would otherwise be answered with a generation it has passed.
      guard keys.key(current) != nil else {
        guard keys.keys.allSatisfy({ $0.generation < current }) else { throw Self.replaced }
        throw PeerChartError(.notFound, "there is no root key of generation \(current)")
      }
      return try keys.adding(random: random)
    }
    guard let staged = known.withLock({ $0.staged(after: current) }) else { throw Self.replaced }
    return staged
  }

  private static let replaced = PeerChartError(
    .conflict, "the root key was replaced by another process")

  func commit(_ generation: UInt32) throws {
    try update(wiping: true) { keys in
      // Replaced once more meanwhile: whoever did that has dropped this one with those before it.
      let isReplaced = keys.keys.contains { $0.generation > generation }
      if keys.key(generation) == nil, isReplaced { return nil }
      let kept = try keys.dropping(before: generation)
      return kept == keys ? nil : kept
    }
  }

  /// Writes the same roots in another coding: a new passphrase.
  func recode(_ next: Coding) throws {
    try file.update(wiping: true) { content in
      let keys = try coding.withLock { $0 }.decode(content)
      known.withLock { $0 = keys }
      return try next.encode(keys)
    }
    coding.withLock { $0 = next }
  }

  private func root(_ generation: UInt32) throws -> SecretBytes {
    if let key = known.withLock({ $0.key(generation) }) { return key.secret }
    guard let key = try reload().key(generation) else {
      throw PeerChartError(.notFound, "there is no root key of generation \(generation)")
    }
    return key.secret
  }

  private func reload() throws -> RootKeys {
    let keys = try coding.withLock { $0 }.decode(file.read())
    known.withLock { $0 = keys }
    return keys
  }

  private func update(wiping: Bool, _ change: (RootKeys) throws -> RootKeys?) throws {
    let coding = coding.withLock { $0 }
    var latest: RootKeys?
    try file.update(wiping: wiping) { content in
      let keys = try coding.decode(content)
      let changed = try change(keys)
      latest = changed ?? keys
      return try changed.map { try coding.encode($0) }
    }
    if let latest { known.withLock { $0 = latest } }
  }
}
