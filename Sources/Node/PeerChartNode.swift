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

  init(folder: DataFolder, exchange: Exchange, hosts: [HostName]) {
    self.folder = folder
    self.exchange = exchange
    self.hosts = hosts
  }

  /// Makes a new node.
  ///
  /// A folder in which this was interrupted is no node yet; trying again begins anew.
  ///
  /// - Throws: `conflict` when there is a node already.
  public static func initialize(
    _ folder: DataFolder, name: String, kind: NodeKind, protection: RootKeyProtection,
    hosts: [HostName] = [], clock: any WallClock = SystemClock(),
    random: any RandomSource = SystemRandom()
  ) async throws -> PeerChartNode {
    guard !folder.isInitialized else {
      throw PeerChartError(.conflict, "there is a node in this data folder already")
    }
    guard let name = NodeName(name) else {
      throw PeerChartError(.invalid, "a node's name is 1 to 64 visible characters", place: "--name")
    }
    try folder.create()
    try await requireNothingInUse(folder)
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
    let parts = try parts(folder, provider, clock, random, ExchangeLimits())
    let exchange = try await Exchange.establish(name: name, kind: kind, parts)
    try write(exchange.statement.authority.pem, to: folder.caCertificate)
    try FolderConfiguration(
      version: FolderConfiguration.currentVersion, rootKey: rootKey,
      hosts: hosts.map(\.description)
    ).save(folder)
    return PeerChartNode(folder: folder, exchange: exchange, hosts: hosts)
  }

  /// Opens the node in a folder.
  ///
  /// - Parameter passphrase: asked for only when the root key is under one.
  /// - Throws: `not-found` without a node, `unsupported-version` for a newer folder, and what the root
  ///   key's provider throws.
  public static func open(
    _ folder: DataFolder, passphrase: () throws -> SecretBytes,
    limits: ExchangeLimits = ExchangeLimits(), clock: any WallClock = SystemClock(),
    random: any RandomSource = SystemRandom()
  ) async throws -> PeerChartNode {
    let configuration = try FolderConfiguration.load(folder)
    let provider: any RootKeyProvider =
      switch configuration.rootKey {
      case .file: try FileKeyProvider(path: folder.rootKey, random: random)
      case .passphrase:
        try PassphraseKeyProvider(
          path: folder.rootKey, passphrase: try passphrase(), random: random)
      }
    let exchange = try await Exchange.open(
      try parts(folder, provider, clock, random, limits))
    return PeerChartNode(
      folder: folder, exchange: exchange, hosts: configuration.hosts.compactMap { HostName($0) })
  }

  /// Lets running writes finish and closes the store.
  public func close() async { await exchange.close() }

  private static func parts(
    _ folder: DataFolder, _ provider: any RootKeyProvider, _ clock: any WallClock,
    _ random: any RandomSource, _ limits: ExchangeLimits
  ) throws -> ExchangeParts {
    let sequencer = CheckpointKeeper()
    let store = try SQLiteStore(path: folder.database, sequencer: sequencer)
    return ExchangeParts(
      store: store, provider: provider, sequencer: sequencer, clock: clock, random: random,
      limits: limits)
  }

  /// Refuses to make a node over one that only lost its `node.json`: with the old root key its charts
  /// would be gone. What an interrupted `initialize` left has one entry in its log at most.
  private static func requireNothingInUse(_ folder: DataFolder) async throws {
    guard FileManager.default.fileExists(atPath: folder.database) else { return }
    let store = try SQLiteStore(path: folder.database, sequencer: CheckpointKeeper())
    let entries: Int64
    do {
      entries = try await store.read { try $0.auditSize() }
    } catch {
      await store.close()
      throw error
    }
    await store.close()
    guard entries <= 1 else {
      throw PeerChartError(
        .conflict,
        "there is a node in this data folder, but its node.json is missing; put it back from a copy"
      )
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
