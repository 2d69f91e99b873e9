import Exchange
import Foundation
import Logging
import PeerNetwork
import Primitives
import Testing

@Suite("Where bulk imports fetch from")
struct BulkSourceTests {
  private func source(
    _ servers: [String], _ limits: HTTPBulkSource.Limits = HTTPBulkSource.Limits()
  ) throws -> HTTPBulkSource {
    try HTTPBulkSource(
      servers.map { text throws(PeerChartError) in try ImportAddress(text) }, limits: limits,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  @Test("An address is taken only if its server was named, to the letter")
  func allowed() async throws {
    let source = try source(["files.example.org", "10.0.0.7:8443", "http://127.0.0.1:9000"])
    for url in [
      "https://files.example.org/a", "https://FILES.example.org/a",
      "https://files.example.org:443/a",
      "https://10.0.0.7:8443/a?b=c", "http://127.0.0.1:9000/x",
    ] { #expect(source.allows(url), "\(url)") }
    for url in [
      "", "files.example.org/a", "http://files.example.org/a", "https://files.example.org:8443/a",
      "https://files.example.org.evil.example/a", "https://files.example.org@evil.example/a",
      "https://evil.example/files.example.org", "https://evil.example#files.example.org",
      "https://files.example.org\\@evil.example/", "https://files.example.org:443@evil.example/",
      "https://10.0.0.7/a", "https://10.0.0.7:08443/a ", "https://[::1]:8443/a",
      "http://127.0.0.1:9001/x", "http://localhost:9000/x", "ftp://files.example.org/a",
      "HTTPS://files.example.org/a", "https://files.example.org:99999/a", "https:///a",
      "https://files.example.org\t/a", "https://%66iles.example.org/a", "file:///etc/passwd",
    ] {
      #expect(!source.allows(url), "\(url)")
      await #expect(throws: PeerChartError.self) { _ = try await source.open(url) }
    }
    await source.shutdown()
  }

  @Test(
    "What is no server is refused",
    arguments: [
      "", "https://", "http://files.example.org", "files.example.org/path", "a b", "host:0",
      "host:70000", "user@host", "https://host/?x", "http://10.0.0.1:80",
    ])
  func badServers(text: String) {
    #expect(throws: PeerChartError.self) { () throws in _ = try ImportAddress(text) }
  }

  @Test("A server that stalls, cuts or sends too much is given up")
  func misbehaving() async throws {
    var limits = HTTPBulkSource.Limits()
    limits.idleSeconds = 1
    limits.fileBytes = 1000
    for (answer, code) in [
      ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "unreachable"),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "unreachable"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "too-large"),
      (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
          + String(repeating: "x", count: 1001) + "\r\n0\r\n\r\n", "too-large"
      ),
      ("HTTP/1.1 302 Found\r\nLocation: https://10.0.0.1/\r\nContent-Length: 0\r\n\r\n", "invalid"),
      ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "invalid"),
      ("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "unreachable"),
      ("garbage\r\n\r\n", "unreachable"), ("", "unreachable"),
    ] {
      let server = try StubbornServer(answer)
      let source = try source(["http://127.0.0.1:\(server.port)"], limits)
      var found = ""
      do {
        var stream = try await source.open("http://127.0.0.1:\(server.port)/x")
        while try await stream.next() != nil {}
      } catch let error as PeerChartError { found = error.code.rawValue }
      #expect(found == code, "\(answer.prefix(60))")
      await source.shutdown()
    }
  }

  @Test("A file comes in whole")
  func whole() async throws {
    let text = String(repeating: "0123456789", count: 50)
    let server = try StubbornServer("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + text)
    let source = try source(["http://127.0.0.1:\(server.port)"])
    var stream = try await source.open("http://127.0.0.1:\(server.port)/x")
    var bytes: [UInt8] = []
    while let piece = try await stream.next() { bytes += piece }
    #expect(String(decoding: bytes, as: UTF8.self) == text)
    await source.shutdown()
  }
}

/// Says the same to everybody, whatever was asked, and then nothing: the connection stays open.
private final class StubbornServer: Sendable {
  let port: UInt16
  private let descriptor: Int32

  init(_ answer: String) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 8) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw PeerChartError(.conflict, "no port") }
    descriptor = listener
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        _ = recv(connection, &buffer, buffer.count, 0)
        let bytes = Array(answer.utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }
}
