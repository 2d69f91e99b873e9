import Foundation
import Testing

/// Tests/Interop/logcheck, built by the Go that Debian has, with nothing from the network.
enum GoChecker {
  private static let go = ["/usr/bin/go", "/usr/local/go/bin/go"].first(
    where: FileManager.default.isExecutableFile)
  private static let sources = "/usr/share/gocode"

  static let isPossible =
    go != nil
    && FileManager.default.fileExists(atPath: sources + "/src/golang.org/x/mod/sumdb/tlog")
  static let absence = "there is no Go with golang.org/x/mod; Scripts/deps installs it"

  /// Built once, into a folder that stays as long as the tests run.
  private static let built = Task { () throws -> (folder: TemporaryFolder, program: String) in
    guard let go else { throw Program.Failure(absence) }
    let folder = try TemporaryFolder()
    let program = folder.path + "/logcheck"
    let made = try await Program.run(
      "/usr/bin/env",
      [
        "GO111MODULE=off", "GOPATH=\(sources)", "GOFLAGS=", "GOCACHE=\(folder.path)/cache",
        "CGO_ENABLED=0", go, "build", "-o", program,
        Program.root.appendingPathComponent("Tests/Interop/logcheck/main.go").standardized.path,
      ])
    guard made.status == 0 else { throw Program.Failure("go build: \(made.errors)") }
    return (folder, program)
  }

  /// Runs a check.
  static func run(_ arguments: String...) async throws -> Program.Outcome {
    try await Program.run(try await built.value.program, arguments)
  }
}
