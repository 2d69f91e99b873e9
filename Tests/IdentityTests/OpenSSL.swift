import Foundation
import TestSupport

/// The command-line program, as a checker that is not ours.
enum OpenSSL {
  static let path = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Runs it in `folder`; returns its exit status and everything it printed.
  static func run(_ arguments: [String], in folder: URL) throws -> (status: Int32, output: String) {
    let (status, output) = try ChildProcess.run(
      path ?? "openssl", arguments, in: folder.path, mixed: true)
    return (status, String(decoding: output, as: UTF8.self))
  }

  /// Lends a folder with these files in it.
  static func withFiles<Result>(
    _ files: [String: [UInt8]], _ body: (URL) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "identity-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, bytes) in files { try Data(bytes).write(to: folder.appending(path: name)) }
    return try body(folder)
  }
}
