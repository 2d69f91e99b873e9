import Foundation
import TestSupport

/// The checkout that these tests were built from.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct DumpFailed: Error { let status: Int32 }

  /// The JSON of `swift package dump-package`, of the whole package, whatever part of it is being
  /// tested. A scratch folder of its own keeps it off the lock of the build that runs the tests.
  static func dumpPackage() async throws -> Data {
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "peerchart-architecture-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let (status, dump) = try await ChildProcess.run(
      "swift",
      ["package", "--package-path", root.path, "--scratch-path", scratch.path, "dump-package"],
      environment: ProcessInfo.processInfo.environment.filter { name, _ in
        !["PEERCHART_PURE", "PEERCHART_FUZZ"].contains(name)
      })
    guard status == 0 else { throw DumpFailed(status: status) }
    return dump
  }
}
