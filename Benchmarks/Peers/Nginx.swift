import Foundation

/// nginx with the same bytes as files, over TLS 1.3 with the same certificate: what answering costs when
/// nobody is asked for, nothing is decided, opened or written down.
final class Nginx {
  let address: String
  private let process = Process()

  /// - Parameter files: content by path, as they are asked for.
  init(
    _ files: [String: [UInt8]], certificate: String, key: String, in folder: TemporaryFolder
  ) throws {
    let root = folder.file("nginx")
    for (path, content) in files {
      let file = URL(fileURLWithPath: root + path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content).write(to: file)
    }
    try certificate.write(toFile: folder.file("nginx.crt"), atomically: true, encoding: .utf8)
    try key.write(toFile: folder.file("nginx.key"), atomically: true, encoding: .utf8)
    let port = try Self.freePort()
    address = "https://127.0.0.1:\(port)"
    try Self.configuration(root: root, port: port, folder)
      .write(toFile: folder.file("nginx.conf"), atomically: true, encoding: .utf8)
    process.executableURL = URL(fileURLWithPath: try Programs.path(of: "nginx"))
    process.arguments = [
      "-p", folder.path, "-c", folder.file("nginx.conf"), "-e", folder.file("nginx.log"),
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<100 {
      guard process.isRunning else { break }
      if (try? ChildProcess("curl", ["--silent", "--insecure", address])) != nil { return }
      usleep(20_000)
    }
    throw BenchFailure("nginx does not start; see its log in the folder of the benchmark")
  }

  deinit { if process.isRunning { process.terminate() } }

  var processID: Int32 { process.processIdentifier }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  private static func configuration(root: String, port: UInt16, _ folder: TemporaryFolder)
    -> String
  {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
      "  \($0)_temp_path \(folder.file("nginx-" + $0));"
    }.joined(separator: "\n")
    return """
      daemon off;
      \(geteuid() == 0 ? "user root;" : "")
      worker_processes auto;
      pid \(folder.file("nginx.pid"));
      events { worker_connections 4096; }
      http {
      \(temporary)
        access_log off;
        sendfile on;
        tcp_nopush on;
        keepalive_requests 1000000000;
        open_file_cache max=10000;
        default_type application/fhir+json;
        server {
          listen 127.0.0.1:\(port) ssl backlog=1024;
          ssl_protocols TLSv1.3;
          ssl_certificate \(folder.file("nginx.crt"));
          ssl_certificate_key \(folder.file("nginx.key"));
          root \(root);
        }
      }
      """
  }

  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw BenchFailure("there is no free port") }
    return UInt16(bigEndian: address.sin_port)
  }
}
