public import Primitives

/// The root in a file of mode 0600: whoever can read the file has the key. The default.
public final class FileKeyProvider: RootKeyProvider {
  private let roots: StoredRootKeys

  /// Opens the key file at `path`.
  ///
  /// - Throws: `notFound`; `forbidden` when others may read it; `unsupportedVersion`, `integrity` or
  ///   `malformed` for its content; `invalid` when it wants a passphrase.
  public init(
    path: String, random: any RandomSource, files: any KeyFileSystem = POSIXKeyFileSystem()
  ) throws {
    roots = try StoredRootKeys(
      file: KeyFile(path: path, files: files), coding: Self.coding, random: random)
  }

  /// Makes a fresh root, generation 1, and writes it to `path`.
  ///
  /// - Throws: `conflict` when there is a key file already.
  public static func create(
    path: String, random: any RandomSource, files: any KeyFileSystem = POSIXKeyFileSystem()
  ) throws -> FileKeyProvider {
    try StoredRootKeys.create(
      KeyFile(path: path, files: files), coding: coding, random: random)
    return try FileKeyProvider(path: path, random: random, files: files)
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

  private static let coding = StoredRootKeys.Coding(
    encode: { keys in
      RootKeyFormat(
        protection: nil,
        entries: keys.keys.map { .init(generation: $0.generation, value: $0.secret) }
      ).serialized
    },
    decode: { content in
      let format = try RootKeyFormat(parsing: content)
      guard format.protection == nil else {
        throw PeerChartError(.invalid, "the key file is protected by a passphrase")
      }
      return try RootKeys(
        format.entries.map { RootKey(generation: $0.generation, secret: $0.value) })
    })
}
