import ArgumentParser
import Foundation
import Node
import Primitives
import Vault

/// Where the node is.
struct FolderOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The node's data folder. Default: the environment variable PEERCHART_DATA.",
      valueName: "dir"))
  var data: String?

  /// The folder named, by option or environment.
  var path: String? {
    let named = data ?? ProcessInfo.processInfo.environment["PEERCHART_DATA"]
    return named.flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// The data folder of a command that needs one.
struct NodeFolder: ParsableArguments {
  @OptionGroup var option: FolderOption

  init() {}

  /// The folder of a command that can do without one.
  ///
  /// - Throws: a usage error where none is named.
  init(_ option: FolderOption) throws {
    self.option = option
    try validate()
  }

  func validate() throws {
    guard option.path != nil else {
      throw ValidationError(
        "no data folder is named; give --data DIR, or set PEERCHART_DATA once for all commands")
    }
  }

  var folder: DataFolder { DataFolder(option.path ?? "") }

  /// Opens the node, works with it, and closes it whatever happens.
  ///
  /// - Parameter passphraseFile: where the passphrase of the root key is, if it has one; without it
  ///   PEERCHART_PASSPHRASE_FILE, else whoever sits at the terminal.
  func withNode<Value>(
    passphraseFile: String? = nil, database: DatabaseOptions = DatabaseArguments.environment,
    blobs: BlobOptions = BlobOptions(), _ body: (PeerChartNode) async throws -> Value
  ) async throws -> Value {
    let node = try await PeerChartNode.open(folder, database: database, blobs: blobs) {
      try Self.passphrase(passphraseFile) { try PassphrasePrompt.ask("Passphrase of the node") }
    }
    let value: Value
    do {
      value = try await body(node)
    } catch {
      await node.close()
      throw error
    }
    await node.close()
    return value
  }

  /// The passphrase in the file that is named, or in the environment's, or what `ask` gets.
  static func passphrase(
    _ file: String?, or ask: () throws -> SecretBytes
  ) throws -> SecretBytes {
    if let file = file ?? ProcessInfo.processInfo.environment["PEERCHART_PASSPHRASE_FILE"] {
      return try PassphraseFile.read(file)
    }
    return try ask()
  }
}

/// The node that a command works on.
struct NodeOptions: ParsableArguments {
  @OptionGroup var place: NodeFolder

  @Option(
    help: ArgumentHelp(
      """
      The file with the passphrase of the node's root key, if it has one. Default: \
      PEERCHART_PASSPHRASE_FILE, else the terminal is asked.
      """, valueName: "file"))
  var passphraseFile: String?

  func withNode<Value>(
    database: DatabaseOptions = DatabaseArguments.environment,
    blobs: BlobOptions = BlobOptions(), _ body: (PeerChartNode) async throws -> Value
  ) async throws -> Value {
    try await place.withNode(
      passphraseFile: passphraseFile, database: database, blobs: blobs, body)
  }
}
