import Foundation
import TestSupport

/// A server of files that is not ours: Tests/Interop/file_server.py, over HTTPS with a CA of its own, or plain.
final class FileServer: @unchecked Sendable {
  // Unchecked: made and ended by one task of a test.
  let folder: TemporaryFolder
  /// `https://127.0.0.1:PORT`
  let url: String
  /// The CA to trust.
  let ca: String
  private let process: ChildProcess

  init(_ files: [String: String], isTLS: Bool = true) async throws {
    let home = try TemporaryFolder()
    folder = home
    let served = home.path + "/files"
    try FileManager.default.createDirectory(atPath: served, withIntermediateDirectories: true)
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(served)/\(name)"))
    }
    let (certificate, key) = (home.path + "/cert.pem", home.path + "/key.pem")
    ca = certificate
    if isTLS {
      let made = try await Program.run(
        "/usr/bin/openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
          "-days", "2", "-subj", "/CN=files", "-addext", "subjectAltName=IP:127.0.0.1",
          "-keyout", key, "-out", certificate,
        ])
      guard made.status == 0 else { throw Program.Failure(made.errors) }
    }
    let output = home.path + "/port"
    process = try ChildProcess(
      "/usr/bin/python3",
      [Program.root.appendingPathComponent("Tests/Interop/file_server.py").path, served]
        + (isTLS ? [certificate, key] : []),
      output: .file(output), errors: .file(home.path + "/errors"))
    let port = try await eventually("the file server") { () -> String? in
      let text = try Program.text(of: output)
      return text.hasSuffix("\n") ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }
    url = (isTLS ? "https" : "http") + "://127.0.0.1:\(port)"
  }

  deinit { process.send(SIGKILL) }
}
