import Foundation
import TestSupport

/// A small disk in memory, to be filled up or made read-only.
struct Mount {
  let path: String

  /// Whether this machine lets us mount at all; tried once.
  static let isPossible: Bool = {
    guard getuid() == 0 else { return false }
    let path = FileManager.default.temporaryDirectory.path + "/peerchart-mount-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    func run(_ program: String, _ arguments: [String]) -> Bool {
      (try? ChildProcess.run(program, arguments))?.status == 0
    }
    return run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "none", path])
      && run("/usr/bin/umount", [path])
  }()

  init(megabytes: Int, at path: String) async throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try await Self.mount(["-t", "tmpfs", "-o", "size=\(megabytes)m", "none", path])
  }

  func grow(megabytes: Int) async throws {
    try await Self.mount(["-o", "remount,size=\(megabytes)m", path])
  }

  func makeReadOnly() async throws { try await Self.mount(["-o", "remount,ro", path]) }

  func remove() async throws {
    _ = try await Program.run("/usr/bin/umount", ["--lazy", path])
  }

  private static func mount(_ arguments: [String]) async throws {
    let outcome = try await Program.run("/usr/bin/mount", arguments)
    guard outcome.status == 0 else { throw Program.Failure(outcome.errors) }
  }
}
