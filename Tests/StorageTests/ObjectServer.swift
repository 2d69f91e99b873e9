import Foundation
import Primitives
import Storage

/// A service that speaks S3, started for the tests of this process and gone with it.
final class ObjectServer: Sendable {
  /// Nil where PyPI `moto` is not at hand.
  static let shared: ObjectServer? = try? ObjectServer()
  static let absence = "no S3 service: Scripts/test names a Python with moto in PEERCHART_PYTHON"

  /// `http://127.0.0.1:PORT`
  let url: String
  private let process: Process
  /// It ends when nobody holds this open any more.
  private let lifeline = Pipe()

  private init() throws {
    guard let python = ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] else {
      throw PeerChartError(.notFound, "no Python")
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
      guard !more.isEmpty else { throw PeerChartError(.notFound, "no moto") }
      line += more
    }
    url = String(decoding: line.dropLast(), as: UTF8.self)
  }

  /// A place in its bucket that nobody else uses.
  func place(_ url: String? = nil) throws -> S3Blobs {
    S3Blobs(
      try S3Address("s3://charts/\(UUID().uuidString)", endpoint: url ?? self.url),
      credentials: S3Signer.Credentials(
        accessKeyID: "test", secretAccessKey: Redacted("test/secret")))
  }
}
