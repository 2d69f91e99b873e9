import Foundation
import TestSupport
import Testing

/// What all tests lean on that start other programs.
@Suite struct ChildProcessTests {
  @Test func nothingElseThatIsOpenReachesIt() async throws {
    let null = open("/dev/null", O_RDONLY)
    defer { close(null) }
    // As a shell numbers its own, and beyond.
    for least in [10, 255, 700] as [Int32] {
      let other = fcntl(null, F_DUPFD, least)
      defer { close(other) }
      let (status, output) = try await ChildProcess.run("sh", ["-c", "echo /dev/fd/*"])
      #expect(status == 0)
      let open = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      // The last is the listing itself.
      #expect(Set(open).isSubset(of: (0...3).map { "/dev/fd/\($0)" }), "\(open)")
    }
  }

  @Test func itsEndIsNoticedWhateverItLeavesBehind() async throws {
    let folder = try TemporaryFolder()
    let child = try ChildProcess(
      "sh", ["-c", "sleep 600 & echo $!"], output: .file(folder.path + "/out"))
    #expect(await child.ended() == 0)
    #expect(child.wait() == 0 && !child.isRunning)
    let left = try #require(
      Int32(try Program.text(of: folder.path + "/out").trimmingCharacters(in: .newlines)))
    #expect(kill(left, SIGKILL) == 0)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGKILL])
  func aSignalEndsIt(_ signal: Int32) async throws {
    let child = try ChildProcess("sleep", ["600"])
    #expect(child.isRunning)
    child.send(signal)
    #expect(await child.ended() == 128 + signal)
    // Its number may be another's now.
    child.send(signal)
  }

  @Test func whatGoesInAndComesOut() async throws {
    let folder = try TemporaryFolder()
    let script = #"cat; pwd; echo "$GREETING"; echo wrong >&2; exit 3"#
    func run(mixed: Bool) async throws -> (status: Int32, output: Data) {
      try await ChildProcess.run(
        "/bin/sh", ["-c", script], environment: ["PATH": "/bin:/usr/bin", "GREETING": "hello"],
        in: folder.path, input: Data("in\n".utf8), mixed: mixed)
    }
    let (plain, mixed) = (try await run(mixed: false), try await run(mixed: true))
    #expect(plain.status == 3 && mixed.status == 3)
    #expect(plain.output == Data("in\n\(folder.path)\nhello\n".utf8))
    #expect(mixed.output == plain.output + Data("wrong\n".utf8))
  }

  @Test func aProgramThatIsNotThere() {
    #expect(throws: ChildProcess.Failure.self) {
      try ChildProcess("/nowhere/at-all", [])
    }
  }
}
