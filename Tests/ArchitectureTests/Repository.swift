import Foundation

/// The checkout that these tests were built from.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct DumpFailed: Error { let status: Int32 }

  /// The JSON of `swift package dump-package`, of the whole package, whatever part of it is being
  /// tested. A scratch folder of its own keeps it off the lock of the build that runs the tests.
  static func dumpPackage() throws -> Data {
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "peerchart-architecture-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "swift", "package", "--package-path", root.path, "--scratch-path", scratch.path,
      "dump-package",
    ]
    process.environment = ProcessInfo.processInfo.environment.filter { name, _ in
      !["PEERCHART_PURE", "PEERCHART_FUZZ"].contains(name)
    }
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let dump = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw DumpFailed(status: process.terminationStatus)
    }
    return dump
  }
}
