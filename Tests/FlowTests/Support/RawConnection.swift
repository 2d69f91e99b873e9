import Foundation

/// A TCP connection to this machine on which a test says what it likes.
final class RawConnection {
  private var descriptor: Int32
  private var pending: [UInt8] = []

  /// - Parameter host: the last byte of this end's address, 127.0.0.1 or another of this machine.
  init(port: UInt16, from host: UInt32 = 1) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var own = sockaddr_in()
    own.sin_family = sa_family_t(AF_INET)
    own.sin_addr.s_addr = UInt32(0x7F00_0000 | host).bigEndian
    let bound = withUnsafePointer(to: &own) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    // A server that dies in the middle must not leave us waiting.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0, result == 0 else {
      close()
      throw Program.Failure("nobody listens")
    }
  }

  deinit { close() }

  func close() {
    if descriptor >= 0 { Foundation.close(descriptor) }
    descriptor = -1
  }

  /// Says that nothing more will be sent, and goes on listening.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Program.Failure("the connection is gone") }
      sent += count
    }
  }

  /// The head of an answer; nil when the connection ended before.
  func receiveHead() -> String? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = pending.firstRange(of: end) {
        let head = String(decoding: pending[..<range.lowerBound], as: UTF8.self)
        pending.removeSubrange(..<range.upperBound)
        return head
      }
      guard receive() else { return nil }
    }
  }

  /// A whole answer with a length; nil when the connection ended before its end.
  func receiveAnswer() -> (status: Int, fields: [String: String], body: [UInt8])? {
    guard let head = receiveHead() else { return nil }
    let lines = head.components(separatedBy: "\r\n")
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 {
        let name = parts[0].lowercased()
        let value = parts[1].trimmingCharacters(in: .whitespaces)
        // Cookies come one by one; of anything else the last counts.
        let before = name == "set-cookie" ? fields[name].map { $0 + "\n" } ?? "" : ""
        fields[name] = before + value
      }
    }
    let length = fields["content-length"].flatMap { Int($0) } ?? 0
    while pending.count < length { guard receive() else { return nil } }
    let body = Array(pending[..<length])
    pending.removeSubrange(..<length)
    return (status, fields, body)
  }

  /// One piece of a chunked body, empty at its end; nil when the connection ended before.
  func receiveChunk() -> [UInt8]? {
    let lineEnd = Array("\r\n".utf8)
    var range = pending.firstRange(of: lineEnd)
    while range == nil {
      guard receive() else { return nil }
      range = pending.firstRange(of: lineEnd)
    }
    guard let range,
      let length = Int(String(decoding: pending[..<range.lowerBound], as: UTF8.self), radix: 16)
    else { return nil }
    let end = range.upperBound + length + lineEnd.count
    while pending.count < end { guard receive() else { return nil } }
    let chunk = Array(pending[range.upperBound..<(range.upperBound + length)])
    pending.removeSubrange(..<end)
    return chunk
  }

  private func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    guard count > 0 else { return false }
    pending += buffer[..<count]
    return true
  }
}
