import Foundation

/// A folder that goes when the last reference does.
final class TemporaryFolder {
  let path: String

  /// - Parameter parent: where to make it; the figures depend on the disk below.
  init(in parent: String) throws {
    path = parent + "/peerchart-bench-" + UUID().uuidString.prefix(8).lowercased()
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}
