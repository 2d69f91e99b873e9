import Foundation
import TestSupport

/// An HTTP endpoint for notifications: remembers what it is sent and answers as it is told.
///
/// Unchecked: what the threads share is behind the lock.
final class Receiver: @unchecked Sendable {
  struct Call: Sendable {
    let method: String
    let path: String
    /// Names in lower case.
    let fields: [String: String]
    let body: String

    var json: [String: Any]? {
      (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any]
    }
    /// Of a notification's status, the first entry.
    private var parameters: [[String: Any]] {
      let entries = json?["entry"] as? [[String: Any]]
      return (entries?.first?["resource"] as? [String: Any])?["parameter"] as? [[String: Any]] ?? []
    }
    func parameter(_ name: String) -> [String: Any]? {
      parameters.first { $0["name"] as? String == name }
    }
    var type: String? { parameter("type")?["valueCode"] as? String }
    var count: String? { parameter("events-since-subscription-start")?["valueString"] as? String }
    /// The numbers of the events.
    var numbers: [String] {
      parameters.filter { $0["name"] as? String == "notification-event" }.compactMap { event in
        Self.part("event-number", of: event)?["valueString"] as? String
      }
    }
    /// What the events are about.
    var focuses: [String] {
      parameters.filter { $0["name"] as? String == "notification-event" }.compactMap { event in
        (Self.part("focus", of: event)?["valueReference"] as? [String: Any])?["reference"]
          as? String
      }
    }
    private static func part(_ name: String, of event: [String: Any]) -> [String: Any]? {
      (event["part"] as? [[String: Any]])?.first { $0["name"] as? String == name }
    }
    /// The resources of a notification but for its status.
    var resources: [[String: Any]] {
      let entries = json?["entry"] as? [[String: Any]] ?? []
      return entries.dropFirst().compactMap { $0["resource"] as? [String: Any] }
    }
    var requests: [String] {
      let entries = json?["entry"] as? [[String: Any]] ?? []
      return entries.dropFirst().compactMap { entry in
        let request = entry["request"] as? [String: Any]
        return "\(request?["method"] ?? "") \(request?["url"] ?? "")"
      }
    }
  }

  private let lock = NSLock()
  private var descriptor: Int32 = -1
  private var received: [Call] = []
  private var answer: (Call) -> Int = { _ in 200 }
  let port: UInt16
  var url: String { "http://127.0.0.1:\(port)/hook" }
  var host: String { "127.0.0.1:\(port)" }

  init() throws {
    let (descriptor, port) = try Self.listening(on: FreePort.next())
    self.port = port
    self.descriptor = descriptor
    accept(descriptor)
  }

  deinit { stop() }

  var calls: [Call] { lock.withLock { received } }
  /// Calls that tell of events.
  var events: [Call] { calls.filter { $0.type == "event-notification" } }

  /// The HTTP status to answer with.
  func answers(_ body: @escaping (Call) -> Int) { lock.withLock { answer = body } }

  /// Stops listening: nobody is there.
  func stop() {
    let old = lock.withLock {
      defer { descriptor = -1 }
      return descriptor
    }
    guard old >= 0 else { return }
    shutdown(old, Int32(SHUT_RDWR))
    close(old)
  }

  /// Listens at the same port again.
  func restart() throws {
    let (new, _) = try Self.listening(on: port)
    lock.withLock { descriptor = new }
    accept(new)
  }

  private static func listening(on port: UInt16) throws -> (Int32, UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard isBound else { throw Program.Failure("no port to receive notifications at") }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  private func accept(_ listener: Int32) {
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = Foundation.accept(listener, nil, nil)
        guard connection >= 0 else { return }
        guard let receiver = self else {
          close(connection)
          return
        }
        Thread.detachNewThread { receiver.serve(connection) }
      }
    }
  }

  /// One request for each connection.
  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let call = Self.request(from: connection) else { return }
    let status = lock.withLock {
      received.append(call)
      return answer(call)
    }
    let more = status == 307 ? "Location: http://127.0.0.1:\(port)/elsewhere\r\n" : ""
    let reply = "HTTP/1.1 \(status) X\r\n\(more)Content-Length: 0\r\nConnection: close\r\n\r\n"
    _ = reply.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
  }

  private static func request(from connection: Int32) -> Call? {
    var bytes: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    func more() -> Bool {
      var buffer = [UInt8](repeating: 0, count: 16 << 10)
      let count = buffer.withUnsafeMutableBytes { recv(connection, $0.baseAddress, $0.count, 0) }
      guard count > 0 else { return false }
      bytes += buffer[..<count]
      return true
    }
    while bytes.firstRange(of: end) == nil { guard more() else { return nil } }
    guard let head = bytes.firstRange(of: end) else { return nil }
    let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    let first = lines.first?.split(separator: " ").map(String.init) ?? []
    guard first.count == 3 else { return nil }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 {
        fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    let length = fields["content-length"].flatMap { Int($0) } ?? 0
    while bytes.count - head.upperBound < length { guard more() else { return nil } }
    return Call(
      method: first[0], path: first[1], fields: fields,
      body: String(decoding: bytes[head.upperBound...], as: UTF8.self))
  }
}
