import Foundation
import Identity
import Node

/// `.sec` from file to file, beside `age` on the same file: whole programs, as they are used.
struct SecCase {
  /// All take turns, so that what else the machine does strikes all of them; medians count.
  private static let rounds = 3

  let folder: TemporaryFolder
  /// Size of the file.
  let bytes: Int

  func run() async throws -> [Figure] {
    let plain = folder.file("content")
    try makeContent(plain)
    let data = folder.file("node")
    let node = try await PeerChartNode.initialize(
      DataFolder(data), name: "Benchmark", kind: .household, protection: .file)
    await node.close()
    let program = try Programs.peerchart
    let hasAge = (try? ChildProcess("age", ["--version"])) != nil
    var ours: [Runs] = []
    var bare: [Runs] = []
    var age: [Runs] = []
    for _ in 0..<Self.rounds {
      ours.append(
        try runs(
          plain,
          seal: { [program, "--data", data, "sec", "issue", $0, "--to", "self", "--output", $1] },
          open: { [program, "--data", data, "sec", "open", $0, "--output", $1] }))
      bare.append(
        try runs(
          plain, seal: { [try Programs.bench, "sec-seal", $0, $1] },
          open: { [try Programs.bench, "sec-open", $0, $1] }))
      if hasAge { age.append(try ageRuns(plain)) }
    }
    let size = "\(bytes >> 20) MiB in \(folder.path), median of \(Self.rounds)"
    return [
      figure("sec issue: seal, sign, log", ours.map(\.seal), age.map(\.seal), size),
      figure("sec open: open, verify, log", ours.map(\.open), age.map(\.open), nil),
      memory("sec issue, memory at its peak", ours.map(\.seal), age.map(\.seal)),
      memory("sec open, memory at its peak", ours.map(\.open), age.map(\.open)),
      figure("the module alone, seal", bare.map(\.seal), age.map(\.seal), nil),
      figure("the module alone, open", bare.map(\.open), age.map(\.open), nil),
    ]
  }

  private typealias Runs = (seal: ChildProcess, open: ChildProcess)

  private func figure(
    _ name: String, _ ours: [ChildProcess], _ peers: [ChildProcess], _ note: String?
  ) -> Figure {
    let rate = { (runs: [ChildProcess]) in
      Double(bytes >> 20) / Samples(runs.map(\.cost.wall)).quantile()
    }
    let processor = { (runs: [ChildProcess]) in
      FigureTable.text(Samples(runs.map(\.cost.processor)).quantile()) + " s"
    }
    let peer = peers.isEmpty ? nil : Figure.Peer(name: "age", value: rate(peers))
    let shares =
      "processor: here \(processor(ours)), "
      + (peers.isEmpty ? "age is not installed" : "age \(processor(peers))")
    return Figure(
      name: name, value: rate(ours), unit: "MiB/s",
      target: name.hasPrefix("sec") ? peer.map { Figure.atLeast($0.value) } : nil, peer: peer,
      note: [note, shares].compactMap { $0 }.joined(separator: "; "))
  }

  private func memory(_ name: String, _ ours: [ChildProcess], _ peers: [ChildProcess]) -> Figure {
    let megabytes = { (runs: [ChildProcess]) in Samples(runs.map(\.peakMemory)).quantile() / 1e6 }
    return Figure(
      name: name, value: megabytes(ours), unit: "MB",
      peer: peers.isEmpty ? nil : Figure.Peer(name: "age", value: megabytes(peers)))
  }

  /// Seals and opens the file, and looks whether it came back.
  private func runs(
    _ plain: String, seal: (String, String) throws -> [String],
    open: (String, String) throws -> [String]
  ) throws -> Runs {
    let (sealed, opened) = (folder.file("content.sealed"), folder.file("content.opened"))
    defer { for path in [sealed, opened] { try? FileManager.default.removeItem(atPath: path) } }
    let first = try settled(try seal(plain, sealed))
    let second = try settled(try open(sealed, opened))
    _ = try ChildProcess("cmp", [plain, opened])
    return (first, second)
  }

  private func ageRuns(_ plain: String) throws -> Runs {
    let key = folder.file("age.key")
    defer { try? FileManager.default.removeItem(atPath: key) }
    _ = try ChildProcess("age-keygen", ["-o", key])
    let mark = "# public key: "
    let recipient = try String(contentsOfFile: key, encoding: .utf8).split(separator: "\n")
      .first { $0.hasPrefix(mark) }?.dropFirst(mark.count)
    guard let recipient else { throw BenchFailure("age-keygen wrote no public key") }
    return try runs(
      plain, seal: { ["age", "-r", String(recipient), "-o", $1, $0] },
      open: { ["age", "-d", "-i", key, "-o", $1, $0] })
  }

  /// Runs a program once nothing of the one before waits to be written to the disk any more.
  private func settled(_ command: [String]) throws -> ChildProcess {
    sync()
    return try ChildProcess(command[0], Array(command.dropFirst()))
  }

  private func makeContent(_ path: String) throws {
    var generator = SystemRandomNumberGenerator()
    let block = (0..<(1 << 20) / 8).flatMap { _ in
      withUnsafeBytes(of: generator.next()) { Array($0) }
    }
    let sink = try FileStream(writing: path)
    for _ in 0..<bytes >> 20 { try block.withUnsafeBytes { try sink.write($0) } }
    try sink.close()
  }

  /// A file system in memory where there is room, so that the disk does not decide; else `folder`.
  static func place(for bytes: Int, otherwise folder: String) -> String {
    var system = statvfs()
    guard statvfs("/dev/shm", &system) == 0 else { return folder }
    let free = Double(system.f_bavail) * Double(system.f_frsize)
    return free > Double(bytes) * 4 ? "/dev/shm" : folder
  }
}
