import Foundation
import Primitives
import Synchronization

/// Stands between a store and its server, and can lose the answer to a COMMIT: the server has made
/// it durable and says so, and the line is cut before the store hears of it.
final class CommitProxy: Sendable {
  /// The address of the proxy, in place of the server's.
  let url: String
  private struct State {
    var losesNext = false
    var lost = 0
  }
  private let state = Mutex(State())
  private let target: UInt16
  private let listener: Socket

  var lostAnswers: Int { state.withLock { $0.lost } }
  func loseNextCommitAnswer() { state.withLock { $0.losesNext = true } }

  /// - Parameter server: an address on 127.0.0.1.
  init(to server: String) throws {
    guard var parts = URLComponents(string: server), let port = parts.port.flatMap(UInt16.init)
    else { throw PeerChartError(.invalid, "the server has no port") }
    target = port
    listener = Socket()
    let own = try listener.listen()
    parts.port = Int(own)
    guard let url = parts.string else { throw PeerChartError(.invalid, "no address") }
    self.url = url
    Thread.detachNewThread { [weak self, listener] in
      while let client = listener.accept() { self?.serve(client) }
    }
  }

  deinit { listener.cut() }

  private func serve(_ client: Socket) {
    let server = Socket()
    guard server.connect(to: target) else { return client.cut() }
    Thread.detachNewThread {
      while let bytes = client.receive(), server.send(bytes) {}
      server.cut()
    }
    Thread.detachNewThread { [weak self] in
      while let bytes = server.receive(), self?.mayPass(bytes) == true, client.send(bytes) {}
      client.cut()
      server.cut()
    }
  }

  /// Whether an answer goes on: not if it tells of a commit and that is to be lost.
  private func mayPass(_ bytes: [UInt8]) -> Bool {
    // CommandComplete: its letter, its length, and what was done.
    let answer = [UInt8(ascii: "C"), 0, 0, 0, 11] + Array("COMMIT\0".utf8)
    guard bytes.firstRange(of: answer) != nil else { return true }
    return state.withLock { state in
      guard state.losesNext else { return true }
      state.losesNext = false
      state.lost += 1
      return false
    }
  }
}

/// A TCP socket of this machine, closed with its last user.
final class Socket: Sendable {
  private let descriptor: Int32

  init(_ descriptor: Int32? = nil) {
    self.descriptor = descriptor ?? socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  }

  deinit { close(descriptor) }

  /// Ends both directions for whoever waits on it.
  func cut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private static func withAddress<Result>(
    _ port: UInt16, _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Result
  ) -> (Result, UInt16) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
    return (result, UInt16(bigEndian: address.sin_port))
  }

  func listen() throws -> UInt16 {
    let (isListening, port) = Self.withAddress(0) { address, length in
      bind(descriptor, address, length) == 0 && Foundation.listen(descriptor, 16) == 0
        && getsockname(descriptor, address, &length) == 0
    }
    guard isListening else { throw PeerChartError(.storage, "the proxy cannot listen") }
    return port
  }

  func accept() -> Socket? {
    let accepted = Foundation.accept(descriptor, nil, nil)
    return accepted >= 0 ? Socket(accepted) : nil
  }

  func connect(to port: UInt16) -> Bool {
    Self.withAddress(port) { Foundation.connect(descriptor, $0, $1) }.0 == 0
  }

  func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
