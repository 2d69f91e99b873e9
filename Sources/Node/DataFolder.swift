import Foundation
import Identity
import Primitives

/// Where the parts of a node lie on the disk. Nothing in it tells a name, a date or a code.
public struct DataFolder: Sendable {
  public let path: String
  public init(_ path: String) { self.path = path }

  var configuration: String { path + "/node.json" }
  public var rootKey: String { path + "/keys/root.key" }
  var database: String { path + "/store/node.sqlite" }
  /// Large bodies, within the folder.
  static let blobs = "blobs"
  /// The certificate that clients of this node trust (`curl --cacert`).
  public var caCertificate: String { path + "/tls/ca.pem" }

  /// Whether there is a node here.
  public var isInitialized: Bool { FileManager.default.fileExists(atPath: configuration) }

  func create() throws {
    do {
      for folder in [path, path + "/keys", path + "/store", path + "/tls"] {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      }
    } catch {
      throw PeerChartError(
        .storage, "the data folder cannot be made; is the place writable?", cause: error)
    }
  }
}

/// What of a node's configuration must be known before its keys are open.
struct FolderConfiguration: Codable, Sendable {
  static let currentVersion = 2

  enum RootKeyKind: String, Codable, Sendable { case file, passphrase }

  var version: Int
  var rootKey: RootKeyKind
  /// Host names and addresses, beyond the loopback ones, that the certificate is good for.
  var hosts: [String]
  /// Where the records are, if not in the folder.
  var database: Database?

  /// Where large bodies are, if not where they usually are.
  var blobs: Blobs?

  struct Database: Codable, Sendable {
    var url: String
    var passwordFile: String?
  }

  struct Blobs: Codable, Sendable, Equatable {
    /// A folder, in the data folder if it is relative, or `s3://BUCKET/PREFIX`.
    var place: String
    var endpoint: String?
    var region: String?
    var credentialsFile: String?
  }

  static func load(_ folder: DataFolder) throws -> FolderConfiguration {
    guard let data = FileManager.default.contents(atPath: folder.configuration) else {
      guard folder.isInitialized else {
        throw PeerChartError(
          .notFound,
          "there is no node in this data folder; make one with `peerchart init`, or name the folder "
            + "with --data or PEERCHART_DATA")
      }
      throw PeerChartError(.storage, "the data folder cannot be read")
    }
    struct Version: Decodable { var version: Int }
    guard let version = try? JSONDecoder().decode(Version.self, from: data) else {
      throw PeerChartError(.malformed, "node.json in the data folder is damaged")
    }
    guard version.version <= currentVersion else {
      throw PeerChartError(
        .unsupportedVersion,
        "this data folder was written by a newer version of peerchart; use that version")
    }
    guard let configuration = try? JSONDecoder().decode(FolderConfiguration.self, from: data) else {
      throw PeerChartError(.malformed, "node.json in the data folder is damaged")
    }
    return configuration
  }

  /// The last step of making a node: without this file there is none.
  func save(_ folder: DataFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    var configuration = self
    // A program that does not know databases must not take the file in the folder for the node.
    configuration.version = database == nil ? 1 : 2
    do {
      try encoder.encode(configuration).write(
        to: URL(fileURLWithPath: folder.configuration), options: .atomic)
    } catch {
      throw PeerChartError(.storage, "the data folder cannot be written", cause: error)
    }
  }
}
