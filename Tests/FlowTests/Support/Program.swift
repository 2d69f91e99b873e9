import Foundation
import TestSupport

/// The program as it ships, and other programs beside it.
enum Program {
  /// Named by `PEERCHART_BIN`, else where `swift build -c release` puts it.
  static let path: String? = {
    let named = ProcessInfo.processInfo.environment["PEERCHART_BIN"]
    let usual = root.appendingPathComponent(".build/release/peerchart").path
    return [named, usual].compactMap { $0 }.first(where: FileManager.default.isExecutableFile)
  }()

  static var isThere: Bool { path != nil }
  static let absence = "there is no program to test; build it, or name it in PEERCHART_BIN"

  /// Whether the long forms of the tests are wanted.
  static let isFull = ProcessInfo.processInfo.environment["PEERCHART_FULL"] == "1"

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Whether there is a Chromium to look at the pages with.
  static let hasBrowser =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser"].contains(
      where: FileManager.default.isExecutableFile)
    || ProcessInfo.processInfo.environment["CHROMIUM"] != nil

  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
    var lines: [String] { output.split(separator: "\n").map(String.init) }
    /// What the program printed as `--json`.
    var json: Any? { try? JSONSerialization.jsonObject(with: Data(output.utf8)) }
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// Runs `peerchart`.
  static func run(_ arguments: String..., input: Data? = nil) async throws -> Outcome {
    guard let path else { throw Failure(absence) }
    return try await run(path, arguments, input: input)
  }

  /// Longer than anything takes that does not hang, in seconds: a machine may be slow, and have much else to do.
  static let patience = 900.0

  /// Runs a program to its end. Whatever hangs is killed and counts as failed.
  static func run(
    _ program: String, _ arguments: [String], input: Data? = nil, within seconds: Double = patience
  ) async throws -> Outcome {
    let folder = try TemporaryFolder()
    let (source, output, errors) = (
      folder.path + "/in", folder.path + "/out", folder.path + "/err"
    )
    try input?.write(to: URL(fileURLWithPath: source))
    let child = try ChildProcess(
      program, arguments, input: input == nil ? .nothing : .file(source), output: .file(output),
      errors: .file(errors))
    let guardian = Task {
      try await Task.sleep(for: .seconds(seconds))
      child.send(SIGKILL)
    }
    let status = await child.ended()
    guardian.cancel()
    return Outcome(status: status, output: try text(of: output), errors: try text(of: errors))
  }

  /// What a file has in it.
  static func text(of path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  /// The interpreter with the checkers of Tests/Interop.
  static func python(
    _ script: String, _ arguments: [String], within seconds: Double = patience
  ) async throws -> Outcome {
    let named = ProcessInfo.processInfo.environment["PEERCHART_PYTHON"]
    let own = root.appendingPathComponent(".venv/bin/python").path
    guard
      let python = [named, own, "/usr/bin/python3"].compactMap({ $0 })
        .first(where: FileManager.default.isExecutableFile)
    else { throw Failure("there is no Python") }
    let script = root.appendingPathComponent("Tests/Interop/" + script).standardized.path
    return try await run(python, [script] + arguments, within: seconds)
  }
}

/// A folder that goes away with its last user.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("peerchart-flow-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
    return path + "/" + name
  }
}

/// Waits for something that another process does.
func eventually<Value>(
  _ what: String, within seconds: Double = Program.patience, _ look: () async throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(seconds)
  var isLast = false
  // Looks once more at the end: among many tests a short sleep may take a minute.
  while true {
    if let value = try await look() { return value }
    guard !isLast else { break }
    try await Task.sleep(for: .milliseconds(20))
    isLast = ContinuousClock.now >= deadline
  }
  throw Program.Failure("waited in vain: \(what)")
}
