public import Primitives

/// The root in a file, wrapped under a passphrase by Argon2id and AES-256-GCM.
///
/// Changing the passphrase wraps the same root again: an old copy of the file still opens with the
/// old passphrase. Where that matters, replace the root as well.
public final class PassphraseKeyProvider: RootKeyProvider {
  private let roots: StoredRootKeys
  private let random: any RandomSource

  /// Opens the key file at `path`; takes the time and memory of one Argon2id run.
  ///
  /// - Throws: `unauthenticated` for a wrong passphrase; `invalid` when the file has none; otherwise
  ///   as `FileKeyProvider`.
  public init(
    path: String, passphrase: SecretBytes, random: any RandomSource,
    files: any KeyFileSystem = POSIXKeyFileSystem()
  ) throws {
    let file = KeyFile(path: path, files: files)
    guard let parameters = try RootKeyFormat(parsing: file.read()).protection else {
      throw PeerChartError(.invalid, "the key file is not protected by a passphrase")
    }
    self.random = random
    roots = try StoredRootKeys(
      file: file, coding: Self.coding(parameters, passphrase, random: random), random: random)
  }

  /// Makes a fresh root, generation 1, and writes it to `path` under `passphrase`.
  ///
  /// - Throws: `conflict` when there is a key file already, `invalid` for an empty passphrase.
  public static func create(
    path: String, passphrase: SecretBytes, parameters: PassphraseParameters? = nil,
    random: any RandomSource, files: any KeyFileSystem = POSIXKeyFileSystem()
  ) throws -> PassphraseKeyProvider {
    let coding = try coding(
      parameters ?? .recommended(random: random), passphrase, random: random)
    let file = KeyFile(path: path, files: files)
    try StoredRootKeys.create(file, coding: coding, random: random)
    return PassphraseKeyProvider(
      try StoredRootKeys(file: file, coding: coding, random: random), random)
  }

  private init(_ roots: StoredRootKeys, _ random: any RandomSource) {
    self.roots = roots
    self.random = random
  }

  /// Puts the same roots under another passphrase. Durable, all or nothing.
  public func change(
    to passphrase: SecretBytes, parameters: PassphraseParameters? = nil
  ) throws {
    try roots.recode(
      Self.coding(parameters ?? .recommended(random: random), passphrase, random: random))
  }

  public func generations() throws -> [UInt32] { try roots.generations() }

  public func wrap(
    _ key: SecretBytes, context: KeyContext, generation: UInt32
  ) throws -> WrappedKey {
    try roots.wrap(key, context: context, generation: generation)
  }

  public func unwrap(_ wrapped: WrappedKey, context: KeyContext) throws -> SecretBytes {
    try roots.unwrap(wrapped, context: context)
  }

  public func stage(after current: UInt32) throws -> UInt32 { try roots.stage(after: current) }

  public func commit(_ generation: UInt32) throws { try roots.commit(generation) }

  /// The passphrase is stretched once; its key stays in memory for the next write of the file.
  private static func coding(
    _ parameters: PassphraseParameters, _ passphrase: SecretBytes, random: any RandomSource
  ) throws -> StoredRootKeys.Coding {
    let wrapping = try parameters.key(from: passphrase)
    @Sendable func context(_ generation: UInt32) -> KeyContext {
      KeyContext(purpose: .root, slot: 0, generation: generation)
    }
    return StoredRootKeys.Coding(
      encode: { keys in
        let entries = try keys.keys.map { key in
          let wrapped = try WrappedKey(
            key.secret, under: wrapping, generation: 0, context: context(key.generation),
            random: random)
          return RootKeyFormat.Entry(
            generation: key.generation, value: SecretBytes(copying: wrapped.encoded))
        }
        return RootKeyFormat(protection: parameters, entries: entries).serialized
      },
      decode: { content in
        let format = try RootKeyFormat(parsing: content)
        guard format.protection == parameters else {
          throw PeerChartError(
            .conflict, "the passphrase was changed by another process: start again")
        }
        return try RootKeys(
          format.entries.map { entry in
            let wrapped = try WrappedKey(encoded: entry.value.withUnsafeBytes { Array($0) })
            guard
              let secret = try? wrapped.unwrap(with: wrapping, context: context(entry.generation))
            else { throw PeerChartError(.unauthenticated, "the passphrase is wrong") }
            return RootKey(generation: entry.generation, secret: secret)
          })
      })
  }
}
