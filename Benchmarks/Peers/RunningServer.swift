import Foundation

/// `peerchart serve` as a process of its own.
final class RunningServer {
  private(set) var secondsToReady = 0.0
  /// `https://127.0.0.1:PORT`
  private(set) var address = ""
  private let process = Process()

  init(_ program: String, dataFolder: String) throws {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["serve", "--data", dataFolder, "--listen", "127.0.0.1:0"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let clock = ContinuousClock()
    let start = clock.now
    try process.run()
    var text = ""
    while address.isEmpty {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { throw BenchFailure("peerchart serve ended before it was ready") }
      text += String(decoding: data, as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      if let line = lines.first(where: { $0.hasPrefix("ready https://") }) {
        address = String(line.dropFirst("ready ".count))
      }
    }
    secondsToReady = (clock.now - start).seconds
  }

  deinit { if process.isRunning { process.terminate() } }

  var processID: Int32 { process.processIdentifier }

  /// Reads once, with another program: this one is no HTTP client.
  ///
  /// - Returns: status, bytes of the body and seconds that it took, connecting included.
  @discardableResult
  func get(
    _ path: String, token: String, into file: String = "/dev/null", in folder: TemporaryFolder
  ) throws -> (status: Int, bytes: Int, seconds: Double) {
    let url = path.hasPrefix("https://") ? path : address + path
    let told = try ChildProcess.output(
      of: "curl",
      [
        "--silent", "--insecure", "--header", "Authorization: Bearer \(token)", "--output", file,
        "--write-out", "%{http_code} %{size_download} %{time_total}", url,
      ], in: folder
    ).split(separator: " ")
    guard told.count == 3, let status = Int(told[0]), let bytes = Int(told[1]),
      let seconds = Double(told[2])
    else { throw BenchFailure("curl does not tell what it did") }
    return (status, bytes, seconds)
  }

  func stop() throws {
    process.terminate()
    process.waitUntilExit()
  }
}
