import Foundation

/// A service that speaks S3 (PyPI `moto`), started for the tests of this process and gone with it.
package final class ObjectServer: Sendable {
  /// Nil where moto is not at hand.
  package static let shared: ObjectServer? = try? ObjectServer()
  package static let absence =
    "no S3 service: Scripts/test names a Python with moto in PEERCHART_PYTHON"

  private struct Absent: Error {}

  /// `http://127.0.0.1:PORT`; it has a bucket `charts`.
  package let url: String
  private let process: Process
  /// It ends when nobody holds this open any more.
  private let lifeline = Pipe()

  private init() throws {
    guard let python = ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] else {
      throw Absent()
    }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Interop/object_server.py").path
    process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script]
    process.standardInput = lifeline
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line = Data()
    while line.last != 0x0A {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Absent() }
      line += more
    }
    url = String(decoding: line.dropLast(), as: UTF8.self)
  }
}
