import Consent
import Exchange
import Foundation
import FoundationNetworking
import Identity
import Logging
import Node
import Primitives
import Synchronization
import Web

/// A node with a clock that stands still, served on the loopback address to one test.
final class APINode: Sendable {
  let node: PeerChartNode
  let clock: StandingClock
  let url: String
  private let path: String
  private let server: Task<Void, any Error>

  var exchange: Exchange { node.exchange }
  /// Whoever runs the program on the data folder.
  var owner: Caller { exchange.nodeOperator() }

  init(_ kind: NodeKind = .household, at time: String = "2026-03-01T09:00:00Z") async throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("peerchart-api-\(UUID().uuidString)").path
    guard let instant = Instant(time) else { throw PeerChartError(.malformed, "no time") }
    clock = StandingClock(instant)
    let node = try await PeerChartNode.initialize(
      DataFolder(path), name: "Test node", kind: kind, protection: .file,
      database: DatabaseOptions(), clock: clock, random: SystemRandom())
    self.node = node
    var configuration = NodeServerConfiguration(listen: [])
    configuration.insecureListen = [try ListenAddress("127.0.0.1:0")]
    let server = try NodeServer(
      exchange: node.exchange, identity: node.exchange.tlsIdentity(hosts: []),
      configuration: configuration,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let (ready, continuation) = AsyncStream<String>.makeStream()
    self.server = Task {
      defer { continuation.finish() }
      try await server.run { listeners in
        continuation.yield(listeners.first?.url ?? "")
      }
    }
    var found: String?
    for await url in ready {
      found = url
      break
    }
    guard let found else { throw PeerChartError(.unreachable, "the server did not begin") }
    url = found
  }

  deinit {
    server.cancel()
    let (node, path) = (node, path)
    Task {
      await node.close()
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Stores resources through the import, and fails on any fault.
  func store(_ resources: String...) async throws {
    for resource in resources {
      let report = try await exchange.importJSON(
        Array(resource.utf8), unresolved: .refuse, as: owner, progress: { _ in })
      if let fault = report.faults.first { throw fault }
    }
  }

  func invitation(_ invited: InvitedAs) async throws -> String {
    try await exchange.inviteAccount(as: invited, lifetime: 3600, by: owner).text.exposed
  }

  /// Sends one request as it is.
  func send(
    _ method: String, _ path: String, _ body: String? = nil, token: String? = nil,
    fields: [String: String] = [:]
  ) async throws -> APIAnswer {
    guard let address = URL(string: path.hasPrefix("http") ? path : url + path) else {
      throw PeerChartError(.malformed, "no address")
    }
    var request = URLRequest(url: address)
    request.httpMethod = method
    if let body {
      request.httpBody = Data(body.utf8)
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await Self.session.data(for: request)
    guard let response = response as? HTTPURLResponse else {
      throw PeerChartError(.unreachable, "no answer")
    }
    return APIAnswer(response, data)
  }

  /// Many tests share few threads: an answer may be long on its way and still come.
  private static let session = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 900
    return URLSession(configuration: configuration)
  }()
}

/// What came back.
struct APIAnswer {
  let status: Int
  let text: String
  private let response: HTTPURLResponse
  private let data: Data

  init(_ response: HTTPURLResponse, _ data: Data) {
    self.response = response
    self.data = data
    status = response.statusCode
    text = String(decoding: data, as: UTF8.self)
  }

  func field(_ name: String) -> String? { response.value(forHTTPHeaderField: name) }

  var json: [String: Any] {
    (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
  }

  subscript(name: String) -> String? { json[name] as? String }

  func list(_ name: String) -> [[String: Any]] { json[name] as? [[String: Any]] ?? [] }
}

/// A clock that stands still until somebody moves it.
final class StandingClock: WallClock {
  private let time: Mutex<Instant>

  init(_ start: Instant) { time = Mutex(start) }

  func now() -> Instant { time.withLock { $0 } }

  func advance(seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
}
