import Exchange
import Foundation
import Identity
import Logging
import Primitives
import Testing
import Web

/// Requests that never come to their end, over real sockets.
@Suite struct SlowRequestTests {
  @Test func aHeadThatDripsLosesTheConnection() async throws {
    try await Self.serving { port in
      // Whoever says a whole request is answered, and one whose bytes drip is not waited for: each byte comes
      // long before an idle connection would be closed.
      let answer = try await Self.apart {
        let prompt = try Drip(port: port)
        guard prompt.says("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n") else { return "" }
        return prompt.hears()
      }
      #expect(answer.hasPrefix("HTTP/1.1 200"))
      for start in ["", "GET /health/live HTTP/1.1\r\n", "GET /health/live HTTP/1.1\r\nX: "] {
        let hasEnded = try await Self.apart {
          let slow = try Drip(port: port)
          guard slow.says(start) else { return false }
          for _ in 0..<600 where !slow.hasEnded { _ = slow.says("a") }
          return slow.hasEnded
        }
        #expect(hasEnded, "\(start)")
      }
    }
  }

  /// What is answered before it has come to its end, and what comes behind the last answer, leaves no connection
  /// that nobody looks at.
  @Test(arguments: [
    [
      "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        + "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    ],
    ["POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", "a"],
    [
      "POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", "a",
      "POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
    ],
  ])
  func nobodyKeepsAConnectionByFallingSilent(pieces: [String]) async throws {
    try await Self.serving { port in
      let hasEnded = try await Self.apart {
        let silent = try Drip(port: port)
        for piece in pieces {
          guard silent.says(piece) else { return true }
          _ = silent.hears()
        }
        for _ in 0..<600 where !silent.hasEnded {}
        return silent.hasEnded
      }
      #expect(hasEnded)
    }
  }

  /// A node that waits for nobody longer than a second.
  private static func serving(_ body: (Int) async throws -> Void) async throws {
    let node = try await TestNode()
    var configuration = NodeServerConfiguration(listen: [])
    configuration.insecureListen = [try ListenAddress("127.0.0.1:0")]
    configuration.idleSeconds = 1
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = try NodeServer(
      exchange: node.exchange, identity: node.exchange.tlsIdentity(hosts: []),
      configuration: configuration, logger: logger)
    let ready = AsyncStream<Int>.makeStream()
    let running = Task {
      try await server.run { listeners in ready.continuation.yield(listeners[0].address.port) }
    }
    var ports = ready.stream.makeAsyncIterator()
    let port = try #require(await ports.next())
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(port)) } catch { outcome = .failure(error) }
    running.cancel()
    _ = try? await running.value
    try outcome.get()
  }

  /// Waits on a thread of its own: those of the other tests, and of the server, are few.
  private static func apart<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
  }
}

/// A connection that is looked at every tenth of a second.
private final class Drip {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var look = timeval(tv_sec: 0, tv_usec: 100_000)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &look, socklen_t(MemoryLayout<timeval>.size))
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw PeerChartError(.unreachable, "nobody listens") }
  }

  deinit { close(descriptor) }

  func says(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.isEmpty
      || send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// What is there within two minutes.
  func hears() -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<1200 {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count >= 0 { return String(decoding: buffer[..<count], as: UTF8.self) }
    }
    return ""
  }

  /// Whether the other end has closed.
  var hasEnded: Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count == 0 || count < 0 && errno != EAGAIN && errno != EWOULDBLOCK
  }
}
