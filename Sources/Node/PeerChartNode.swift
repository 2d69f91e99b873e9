public import Exchange
import Foundation
public import Identity
public import Primitives
import Storage
public import Vault

/// How the root key of a node is kept.
public enum RootKeyProtection: Sendable {
  /// A file of mode 0600: whoever reads the file has the key.
  case file
  /// Wrapped under a passphrase by Argon2id.
  case passphrase(SecretBytes)
}

/// A node with everything put together: the one place that knows all modules.
public final class PeerChartNode: Sendable {
  public let folder: DataFolder
  public let exchange: Exchange
  /// Host names and addresses, beyond the loopback ones, that the certificate is good for.
  public let hosts: [HostName]
  /// The database, if the records are in one.
  var database: PostgreSQLStore? { store as? PostgreSQLStore }
  let store: any RecordStore

  private init(
    folder: DataFolder, exchange: Exchange, hosts: [HostName], store: any RecordStore
  ) {
    self.folder = folder
    self.exchange = exchange
    self.hosts = hosts
    self.store = store
  }

  /// Makes a new node.
  ///
  /// A folder in which this was interrupted is no node yet; trying again begins anew.
  ///
  /// - Parameters:
  ///   - database: where its records shall be, if not in the folder.
  ///   - blobs: where its large bodies shall be.
  /// - Throws: `conflict` when there is a node already.
  public static func initialize(
    _ folder: DataFolder, name: String, kind: NodeKind, protection: RootKeyProtection,
    hosts: [HostName] = [], database: DatabaseOptions = DatabaseOptions(),
    blobs: BlobOptions = BlobOptions(), clock: any WallClock = SystemClock(),
    random: any RandomSource = SystemRandom()
  ) async throws -> PeerChartNode {
    guard !folder.isInitialized else {
      throw PeerChartError(.conflict, "there is a node in this data folder already")
    }
    guard let name = NodeName(name) else {
      throw PeerChartError(.invalid, "a node's name is 1 to 64 visible characters", place: "--name")
    }
    let bodies = try blobs.resolved(
      folder, inDatabase: database.url != nil, clock: clock, random: random)
    try folder.create()
    try await requireNothingInUse(folder)
    try await requireNoNode(in: database)
    try removeLeftovers(folder)
    let provider: any RootKeyProvider
    let rootKey: FolderConfiguration.RootKeyKind
    switch protection {
    case .file:
      rootKey = .file
      provider = try FileKeyProvider.create(path: folder.rootKey, random: random)
    case .passphrase(let passphrase):
      rootKey = .passphrase
      provider = try PassphraseKeyProvider.create(
        path: folder.rootKey, passphrase: passphrase, random: random)
    }
    let parts = try await parts(
      folder, database, bodies, provider, clock, random, ExchangeLimits())
    let exchange = try await closingOnFailure(parts.store) {
      // A bucket that cannot be reached is noticed now, not with the first image.
      _ = try await parts.store.sweepBodies()
      return try await Exchange.establish(name: name, kind: kind, parts)
    }
    try write(exchange.statement.authority.pem, to: folder.caCertificate)
    try FolderConfiguration(
      version: FolderConfiguration.currentVersion, rootKey: rootKey,
      hosts: hosts.map(\.description), database: try database.kept(), blobs: try blobs.kept()
    ).save(folder)
    return PeerChartNode(folder: folder, exchange: exchange, hosts: hosts, store: parts.store)
  }

  /// Opens the node in a folder.
  ///
  /// - Parameters:
  ///   - database: where its records are, if not where the folder says.
  ///   - blobs: where its large bodies are, if not where the folder says. The folder remembers it if
  ///     they are all there.
  ///   - passphrase: asked for only when the root key is under one.
  /// - Throws: `not-found` without a node, `unsupported-version` for a newer folder, `conflict` when
  ///   `blobs` is not where they are, and what the root key's provider throws.
  public static func open(
    _ folder: DataFolder, database: DatabaseOptions = DatabaseOptions(),
    blobs: BlobOptions = BlobOptions(), passphrase: () throws -> SecretBytes,
    limits: ExchangeLimits = ExchangeLimits(), clock: any WallClock = SystemClock(),
    random: any RandomSource = SystemRandom()
  ) async throws -> PeerChartNode {
    try await open(
      folder, database: database, blobs: blobs, remembering: true, passphrase: passphrase,
      limits: limits, clock: clock, random: random)
  }

  /// - Parameter remembering: whether the folder is told where the large bodies are.
  static func open(
    _ folder: DataFolder, database: DatabaseOptions, blobs: BlobOptions, remembering: Bool,
    passphrase: () throws -> SecretBytes, limits: ExchangeLimits = ExchangeLimits(),
    clock: any WallClock = SystemClock(), random: any RandomSource = SystemRandom()
  ) async throws -> PeerChartNode {
    var configuration = try FolderConfiguration.load(folder)
    let database = database.completed(by: configuration.database)
    let options = try blobs.completed(by: configuration.blobs)
    let bodies = try options.resolved(
      folder, inDatabase: database.url != nil, clock: clock, random: random)
    let provider: any RootKeyProvider =
      switch configuration.rootKey {
      case .file: try FileKeyProvider(path: folder.rootKey, random: random)
      case .passphrase:
        try PassphraseKeyProvider(
          path: folder.rootKey, passphrase: try passphrase(), random: random)
      }
    let parts = try await parts(folder, database, bodies, provider, clock, random, limits)
    let kept = try blobs.place == nil ? configuration.blobs : options.kept()
    let exchange = try await closingOnFailure(parts.store) {
      if kept != configuration.blobs { try await requireBodies(in: parts.store) }
      return try await Exchange.open(parts)
    }
    if remembering, kept != configuration.blobs {
      configuration.blobs = kept
      try configuration.save(folder)
    }
    return PeerChartNode(
      folder: folder, exchange: exchange, hosts: configuration.hosts.compactMap { HostName($0) },
      store: parts.store)
  }

  /// Large bodies are not left behind where the node looks for them no more.
  private static func requireBodies(in store: any RecordStore) async throws {
    guard try await store.checkBodies().missing == 0 else {
      throw PeerChartError(
        .conflict,
        "large bodies of this node lie elsewhere. Copy what is there to the new place, as it is, "
          + "then try again")
    }
  }

  /// Lets running writes finish and closes the store.
  public func close() async { await exchange.close() }

  private static func parts(
    _ folder: DataFolder, _ database: DatabaseOptions, _ bodies: BlobPolicy?,
    _ provider: any RootKeyProvider, _ clock: any WallClock, _ random: any RandomSource,
    _ limits: ExchangeLimits
  ) async throws -> ExchangeParts {
    let sequencer = CheckpointKeeper()
    let store: any RecordStore =
      if let (address, password) = try database.resolved() {
        try await PostgreSQLStore.open(
          address, password: password, sequencer: sequencer, blobs: bodies)
      } else {
        try SQLiteStore(path: folder.database, sequencer: sequencer, blobs: bodies)
      }
    return ExchangeParts(
      store: store, provider: provider, sequencer: sequencer, clock: clock, random: random,
      limits: limits)
  }

  /// Refuses to make a node over one that only lost its `node.json`: with the old root key its charts
  /// would be gone. What an interrupted `initialize` left has one entry in its log at most.
  private static func requireNothingInUse(_ folder: DataFolder) async throws {
    guard FileManager.default.fileExists(atPath: folder.database) else { return }
    let lacksConfiguration = PeerChartError(
      .conflict,
      "there is a node in this data folder, but its node.json is missing; put it back from a copy")
    guard !SQLiteStore.hasJournal(folder.database) else { throw lacksConfiguration }
    let store = try SQLiteStore(path: folder.database, sequencer: CheckpointKeeper())
    let entries: Int64
    do {
      entries = try await store.read { try $0.auditSize() }
    } catch {
      await store.close()
      throw error
    }
    await store.close()
    guard entries <= 1 else { throw lacksConfiguration }
  }

  /// Refuses a database that holds a node: it may be another folder's, however little is in it.
  private static func requireNoNode(in database: DatabaseOptions) async throws {
    guard let (address, password) = try database.resolved() else { return }
    let store = try await PostgreSQLStore.open(
      address, password: password, sequencer: CheckpointKeeper())
    let isEmpty = try await closingOnFailure(store) {
      try await store.read { try $0.chart(slot: 0) == nil }
    }
    await store.close()
    guard isEmpty else {
      throw PeerChartError(
        .conflict,
        "this database holds a node already. For another instance of it, copy its data folder; if "
          + "making it was interrupted, make the database anew")
    }
  }

  static func closingOnFailure<Value>(
    _ store: any RecordStore, _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch {
      await store.close()
      throw error
    }
  }

  /// What an interrupted `initialize` left: nothing of it was ever in use.
  private static func removeLeftovers(_ folder: DataFolder) throws {
    for path in [
      folder.rootKey, folder.database, folder.database + "-wal", folder.database + "-shm",
      folder.caCertificate,
    ] where FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
  }

  private static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw PeerChartError(.storage, "the data folder cannot be written", cause: error)
    }
  }
}
