import Exchange
import Foundation
import Identity
import Node

/// The program as it is served: how soon it is ready on a full store, and what it takes when idle.
struct ServerCase {
  static let readyTarget = 0.5
  static let memoryTarget = 80.0
  private static let starts = 5

  let dataFolder: String
  /// How many resources the store holds.
  let resources: Int
  /// A bearer token for reading, and a patient to read.
  let token: String
  let patient: String

  func run() async throws -> [Figure] {
    var ready = Samples()
    var memory = 0.0
    for number in 1...Self.starts {
      let server = try RunningServer(try Programs.peerchart, dataFolder: dataFolder)
      ready.add(server.secondsToReady)
      if number == Self.starts {
        try await server.get("/fhir/Patient/\(patient)", token: token)
        memory = try server.residentMemory()
      }
      try server.stop()
    }
    return [
      Figure(
        name: "start to ready", value: ready.quantile(), unit: "s",
        target: Figure.atMost(Self.readyTarget),
        note: "median of \(Self.starts); \(FigureTable.text(Double(resources))) resources stored"),
      Figure(
        name: "resident memory, idle after one read", value: memory / 1e6, unit: "MB",
        target: Figure.atMost(Self.memoryTarget)),
    ]
  }
}

/// `peerchart serve` as a process of its own.
final class RunningServer {
  private(set) var secondsToReady = 0.0
  private let process = Process()
  private var address = ""

  init(_ program: String, dataFolder: String) throws {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [
      "serve", "--data", dataFolder, "--listen", "127.0.0.1:0", "--insecure-http", "127.0.0.1:0",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let clock = ContinuousClock()
    let start = clock.now
    try process.run()
    var text = ""
    while true {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { throw BenchFailure("peerchart serve ended before it was ready") }
      text += String(decoding: data, as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      if let line = lines.first(where: { $0.hasPrefix("ready http://") }) {
        address = String(line.dropFirst("ready ".count))
        break
      }
    }
    secondsToReady = (clock.now - start).seconds
  }

  deinit { if process.isRunning { process.terminate() } }

  /// Reads once, with another program: this one is no HTTP client.
  func get(_ path: String, token: String) async throws {
    _ = try ChildProcess(
      "curl", ["--silent", "--fail", "-H", "Authorization: Bearer \(token)", address + path])
  }

  /// Bytes resident now (`VmRSS`).
  func residentMemory() throws -> Double {
    let path = "/proc/\(process.processIdentifier)/status"
    let status = try String(contentsOfFile: path, encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
      let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Double($0) })
    else { throw BenchFailure("the system does not tell the server's memory") }
    return kibibytes * 1024
  }

  func stop() throws {
    process.terminate()
    process.waitUntilExit()
  }
}
