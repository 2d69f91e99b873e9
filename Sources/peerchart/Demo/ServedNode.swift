import Exchange
import Foundation
import Identity
import Logging
import Node
import PeerNetwork
import Primitives

/// A node of the demonstration: its folder, a server process of its own, and this process beside it
/// on the same folder, as somebody at the command line would be.
final class ServedNode {
  let node: PeerChartNode
  let transport: PinnedTransport
  let logPath: String
  private let server: Process
  /// `host:port` of the HTTPS listener.
  private(set) var address = ""

  var exchange: Exchange { node.exchange }
  var owner: Caller { exchange.nodeOperator() }

  /// Makes a node in `path` and starts `serve` on it.
  init(
    name: String, kind: NodeKind, path: String, program: String, port: Int
  ) async throws {
    node = try await PeerChartNode.initialize(
      DataFolder(path), name: name, kind: kind, protection: .file)
    var logger = Logger(label: "demo")
    logger.logLevel = .critical
    transport = try node.makeTransport(logger: logger)
    logPath = path + ".log"
    server = Process()
    server.executableURL = URL(fileURLWithPath: program)
    server.arguments = ["serve", "--data", path, "--listen", "127.0.0.1:\(port)"]
    _ = FileManager.default.createFile(
      atPath: logPath, contents: nil, attributes: [.posixPermissions: 0o600])
    let log = FileHandle(forWritingAtPath: logPath)
    server.standardOutput = log
    server.standardError = log
    server.standardInput = FileHandle.nullDevice
    // Both nodes keep their records in their folders, whatever is set for others.
    server.environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("PEERCHART_DATABASE")
    }
    try server.run()
    try await waitUntilReady()
  }

  private func waitUntilReady() async throws {
    for _ in 0..<600 {
      let text = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
      for line in text.split(separator: "\n") where line.hasPrefix("ready ") {
        let url = line.dropFirst("ready ".count)
        if url.hasPrefix("https://") { address = String(url.dropFirst("https://".count)) }
      }
      if !address.isEmpty { return }
      guard server.isRunning else {
        throw PeerChartError(.storage, "a node of the demonstration did not start; see \(logPath)")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw PeerChartError(.unreachable, "a node of the demonstration did not get ready in time")
  }

  /// Ends the server as `kill -TERM` does, and waits for it.
  func stop() async {
    if server.isRunning {
      server.terminate()
      for _ in 0..<200 where server.isRunning { try? await Task.sleep(for: .milliseconds(50)) }
    }
    await transport.shutdown()
    await node.close()
  }
}
