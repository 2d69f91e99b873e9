import Foundation
import Primitives
import SecDocument
import TestSupport
import Testing

/// Tests/Interop/sec_reader.py was written from docs/format/sec-v1.md and shares no code with us.
@Suite(
  .enabled(
    if: PythonReader.isAvailable,
    "needs a Python with `cryptography`; PEERCHART_PYTHON names the interpreter"))
struct InteropTests {
  @Test func theOtherReaderAgreesOnAllVectors() async throws {
    let (status, output) = try await PythonReader.run(["vectors", SecVectors.folder.path()])
    struct Report: Decodable {
      let good: Int
      let bad: Int
      let skipped: Int
      let failures: [String]
    }
    let report = try JSONDecoder().decode(Report.self, from: output)
    #expect(report.failures == [])
    #expect(status == 0)
    let vectors = try SecVectors()
    #expect(report.good + report.bad + report.skipped == vectors.good.count + vectors.bad.count)
    #expect(report.good >= 7)
    #expect(report.bad >= 60)
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 400_000])
  func theOtherReaderOpensFreshDocuments(size: Int) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "peerchart-sec-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let content = SeededRandom(seed: UInt64(size)).bytes(size)
    let (file, sealed) = try SecWriter.seal(
      content, draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
      signer: TestKeys.signer())
    let input = folder.appending(path: "in.sec")
    let opened = folder.appending(path: "out")
    try Data(file).write(to: input)
    let (status, output) = try await PythonReader.run([
      "open", input.path(), SecVectors.folder.appending(path: "keys.json").path(),
      "x25519-alice", opened.path(),
    ])
    try #require(status == 0)
    struct Report: Decodable { let documentDigest: String }
    let report = try JSONDecoder().decode(Report.self, from: output)
    #expect(report.documentDigest == sealed.digest.description)
    #expect(try Data(contentsOf: opened) == Data(content))
  }
}

enum PythonReader {
  static let interpreter = ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] ?? "python3"
  static let script = SecVectors.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Interop/sec_reader.py")

  static let isAvailable =
    (try? ChildProcess.run(
      interpreter, ["-c", "import cryptography.hazmat.primitives.kdf.argon2"]))?.status == 0

  static func run(_ arguments: [String]) async throws -> (status: Int32, output: Data) {
    try await ChildProcess.run(interpreter, [script.path()] + arguments)
  }
}
