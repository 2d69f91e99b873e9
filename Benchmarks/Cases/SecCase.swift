import Foundation

/// `.sec` from file to file, beside `age` on the same file: whole programs, as they are used.
struct SecCase {
  let folder: TemporaryFolder
  /// Size of the file.
  let bytes: Int

  func run() throws -> [Figure] {
    let plain = folder.file("content")
    try makeContent(plain)
    defer { try? FileManager.default.removeItem(atPath: plain) }
    let age = try age(plain)
    let ours = try ours(plain)
    return [
      figure("sec seal", ours.seal, "age encrypt", age?.seal),
      figure("sec open", ours.open, "age decrypt", age?.open),
      memory("sec seal, memory at its peak", ours.seal, age?.seal),
      memory("sec open, memory at its peak", ours.open, age?.open),
    ]
  }

  private typealias Runs = (seal: ChildProcess, open: ChildProcess)

  private func figure(
    _ name: String, _ ours: ChildProcess, _ peerName: String, _ peer: ChildProcess?
  ) -> Figure {
    Figure(
      name: name, value: rate(ours), unit: "MiB/s", target: peer.map { Figure.atLeast(rate($0)) },
      peer: peer.map { Figure.Peer(name: peerName, value: rate($0)) },
      note: "\(bytes >> 20) MiB; processor: here \(FigureTable.text(ours.cost.processor)) s"
        + (peer.map { ", age \(FigureTable.text($0.cost.processor)) s" } ?? ""))
  }

  private func memory(_ name: String, _ ours: ChildProcess, _ peer: ChildProcess?) -> Figure {
    Figure(
      name: name, value: ours.peakMemory / 1e6, unit: "MB",
      peer: peer.map { Figure.Peer(name: "age", value: $0.peakMemory / 1e6) })
  }

  private func rate(_ run: ChildProcess) -> Double { Double(bytes >> 20) / run.cost.wall }

  private func ours(_ plain: String) throws -> Runs {
    let (sealed, opened) = (folder.file("content.sec"), folder.file("content.opened"))
    defer { for path in [sealed, opened] { try? FileManager.default.removeItem(atPath: path) } }
    let program = try Programs.bench
    let seal = try ChildProcess(program, ["sec-seal", plain, sealed])
    let open = try ChildProcess(program, ["sec-open", sealed, opened])
    try requireEqual(plain, opened)
    return (seal, open)
  }

  /// Nil where `age` is not installed.
  private func age(_ plain: String) throws -> Runs? {
    guard (try? ChildProcess("age", ["--version"])) != nil else { return nil }
    let (key, sealed, opened) = (
      folder.file("age.key"), folder.file("content.age"), folder.file("content.age-opened")
    )
    defer {
      for path in [key, sealed, opened] { try? FileManager.default.removeItem(atPath: path) }
    }
    _ = try ChildProcess("age-keygen", ["-o", key])
    let recipient = try String(contentsOfFile: key, encoding: .utf8).split(separator: "\n")
      .first { $0.hasPrefix("# public key: ") }?.dropFirst("# public key: ".count)
    guard let recipient else { throw BenchFailure("age-keygen wrote no public key") }
    let seal = try ChildProcess("age", ["-r", String(recipient), "-o", sealed, plain])
    let open = try ChildProcess("age", ["-d", "-i", key, "-o", opened, sealed])
    return (seal, open)
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

  private func requireEqual(_ a: String, _ b: String) throws {
    guard try ChildProcess("cmp", [a, b]).peakMemory > 0 else { return }
  }
}

/// Where the programs of this build lie.
enum Programs {
  static var bench: String {
    get throws {
      guard let path = Bundle.main.executablePath else {
        throw BenchFailure("this program does not know where it lies")
      }
      return path
    }
  }

  /// `peerchart`, built beside this program.
  static var peerchart: String {
    get throws {
      let path = (try bench as NSString).deletingLastPathComponent + "/peerchart"
      guard FileManager.default.isExecutableFile(atPath: path) else {
        throw BenchFailure("peerchart is not built; run `make bench`")
      }
      return path
    }
  }
}
