import Foundation

/// A service that speaks S3 (PyPI `moto`), started for the tests of this process and gone with it.
final class ObjectServer: Sendable {
  /// Nil where moto is not at hand.
  static let shared: ObjectServer? = try? ObjectServer()
  static let absence = "no S3 service: Scripts/test names a Python with moto in PEERCHART_PYTHON"

  /// `http://127.0.0.1:PORT`
  let url: String
  private let process: Process
  /// It ends when nobody holds this open any more.
  private let lifeline = Pipe()

  private init() throws {
    guard let python = ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] else {
      throw Program.Failure(Self.absence)
    }
    process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [
      Program.root.appendingPathComponent("Tests/Interop/object_server.py").path
    ]
    process.standardInput = lifeline
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line = Data()
    while line.last != 0x0A {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Program.Failure(Self.absence) }
      line += more
    }
    url = String(decoding: line.dropLast(), as: UTF8.self)
  }

  /// What curl gets there: the bucket's list, or an object.
  func get(_ path: String) async throws -> Data {
    let folder = try TemporaryFolder()
    _ = try await Program.run(
      "/usr/bin/curl",
      [
        "--silent", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "test:test", "--output",
        folder.path + "/answer", url + "/charts" + path,
      ])
    return FileManager.default.contents(atPath: folder.path + "/answer") ?? Data()
  }
}
