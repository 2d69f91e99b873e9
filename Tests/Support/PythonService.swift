import Foundation

/// A service in Python that a test starts on this machine and that goes with it.
package final class PythonService: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// The interpreter with the checkers of Tests/Interop; nil where there is none.
  package static let python: String? = {
    let own = tests.deletingLastPathComponent().appendingPathComponent(".venv/bin/python").path
    return [ProcessInfo.processInfo.environment["PEERCHART_PYTHON"], own].compactMap { $0 }
      .first(where: FileManager.default.isExecutableFile)
  }()
  package static let absence = "there is no Python with the checkers: Scripts/deps makes it"

  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The lines that it printed when it was ready.
  package let lines: [String]
  private let process: ChildProcess
  /// Many end when nobody holds this open any more.
  private let lifeline = Pipe()

  /// - Parameters:
  ///   - script: in Tests/Interop, or a whole path.
  ///   - count: how many lines it prints before it is ready.
  package init(_ script: String, _ arguments: [String] = [], lines count: Int) throws {
    guard let python = Self.python else { throw Failure(description: Self.absence) }
    let path =
      script.hasPrefix("/") ? script : Self.tests.appendingPathComponent("Interop/\(script)").path
    let output = Pipe()
    process = try ChildProcess(
      python, [path] + arguments, input: .descriptor(lifeline.fileHandleForReading.fileDescriptor),
      output: .descriptor(output.fileHandleForWriting.fileDescriptor))
    try output.fileHandleForWriting.close()
    var text = Data()
    while text.count(where: { $0 == 0x0A }) < count {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure(description: "\(script) has ended") }
      text += more
    }
    lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  deinit { process.send(SIGTERM) }
}
