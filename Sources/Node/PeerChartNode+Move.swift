public import Exchange
import Primitives
import Storage
public import Vault

/// What a move to another database did.
public struct MoveReport: Sendable {
  /// Rows by table.
  public let rows: [String: Int]
  /// What the log says in its new place.
  public let log: AuditVerification
}

extension PeerChartNode {
  /// A stage of a move, told as it goes on.
  public enum MoveProgress: Sendable {
    /// So many of all rows were copied since the last call.
    case copied(Int, of: Int)
    /// So many entries of the log were verified since the last call.
    case verified(Int)
  }

  /// Moves a node from the file in its data folder into a PostgreSQL database.
  ///
  /// Everything is copied all or nothing, read back and compared; the whole log is recomputed in its
  /// new place; and only then does the folder say that the node is there. Interrupted at any moment,
  /// it can be made again. The file stays as it was.
  ///
  /// - Parameter blobs: where its large bodies shall be. They stay where they are if that is not said.
  /// - Throws: `conflict` while the node is in use, when it lies in a database already, or when the
  ///   database holds something else; `integrity` when what arrived is not what was sent.
  public static func move(
    _ folder: DataFolder, to database: DatabaseOptions, blobs: BlobOptions = BlobOptions(),
    passphrase: () throws -> SecretBytes, progress: @escaping @Sendable (MoveProgress) -> Void
  ) async throws -> MoveReport {
    var configuration = try FolderConfiguration.load(folder)
    guard configuration.database == nil else {
      throw PeerChartError(.conflict, "this node lies in a database already")
    }
    guard let (address, password) = try database.resolved() else {
      throw PeerChartError(.invalid, "name the database to move to")
    }
    // Asked for once, used twice.
    var known: SecretBytes?
    func passphraseOnce() throws -> SecretBytes {
      let given = try known ?? passphrase()
      known = given
      return given
    }
    if try StoreMove.isBehind(folder.database) {
      try await bringIn(folder, passphrase: passphraseOnce)
    }
    let move = try StoreMove(from: folder.database, to: address, password: password)
    defer { move.close() }
    let total = try move.rowCount()
    let rows = try await move.run { progress(.copied($0, of: total)) }
    configuration.blobs = try await moveBodies(
      folder, configuration.blobs, to: blobs, address, password)
    let node = try await open(
      folder, database: database,
      blobs: configuration.blobs.map(BlobOptions.init) ?? BlobOptions(), remembering: false,
      passphrase: passphraseOnce)
    let log: AuditVerification
    do {
      log = try await node.exchange.verifyAudit { progress(.verified($0)) }
    } catch {
      await node.close()
      throw error
    }
    await node.close()
    guard log.verified else {
      throw PeerChartError(
        .integrity,
        "the log does not verify in its new place; the node stays where it was. "
          + "`peerchart audit verify` says whether it did before")
    }
    configuration.database = try database.kept()
    try configuration.save(folder)
    return MoveReport(rows: rows, log: log)
  }

  /// What a server that was killed has left of the log comes into the file.
  private static func bringIn(
    _ folder: DataFolder, passphrase: () throws -> SecretBytes
  ) async throws {
    let node = try await open(folder, passphrase: passphrase)
    try await closingOnFailure(node.store) {
      if let file = node.store as? SQLiteStore { try await file.bringIn() }
    }
    await node.close()
  }

  /// Sees to it that large bodies are where they shall be.
  ///
  /// - Returns: what the folder shall say about them.
  private static func moveBodies(
    _ folder: DataFolder, _ kept: FolderConfiguration.Blobs?, to wanted: BlobOptions,
    _ address: DatabaseAddress, _ password: Redacted<String>?
  ) async throws -> FolderConfiguration.Blobs? {
    let (clock, random) = (SystemClock(), SystemRandom())
    let source = try BlobOptions().completed(by: kept)
      .resolved(folder, inDatabase: false, clock: clock, random: random)
    let target = try wanted.place.map { _ in try wanted.completed(by: kept) }
    let store = try await PostgreSQLStore.open(
      address, password: password, sequencer: CheckpointKeeper(), blobs: source)
    do {
      let place = try target?.resolved(folder, inDatabase: true, clock: clock, random: random)?
        .place
      defer { place?.close() }
      if let place { _ = try await store.copyBodies(to: place) }
      let count = try await store.checkBodies().count
      await store.close()
      let isWithin = kept == nil && count > 0
      return try target?.kept()
        ?? (isWithin ? FolderConfiguration.Blobs(place: DataFolder.blobs) : kept)
    } catch {
      await store.close()
      throw error
    }
  }
}
