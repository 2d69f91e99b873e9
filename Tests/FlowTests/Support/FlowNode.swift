import Foundation
import TestSupport

/// A data folder made by `peerchart init`, and the processes that serve it.
///
/// Unchecked: one task of a test starts and ends the servers; others meanwhile run commands on the
/// folder, for which only what never changes is needed.
final class FlowNode: @unchecked Sendable {
  let home: TemporaryFolder
  /// The data folder.
  let path: String
  /// The server of its records, which must not go before it.
  private let database: DatabaseCluster?
  private var server: ChildProcess?
  private var serverOutputs = 0
  /// `https://127.0.0.1:PORT` of the running server.
  private(set) var url = ""
  /// `http://127.0.0.1:PORT`, where it was asked for.
  private(set) var insecureURL: String?

  /// - Parameters:
  ///   - database: where its records shall be, if not in its folder.
  ///   - more: arguments of `init` beside the usual ones.
  init(
    _ kind: String = "household", name: String = "Flow household",
    database: DatabaseCluster? = nil, _ more: String...
  ) async throws {
    guard let program = Program.path else { throw Program.Failure(Program.absence) }
    self.database = database
    home = try TemporaryFolder()
    path = home.path + "/data"
    var arguments = ["init", "--data", path, "--name", name, "--kind", kind] + more
    if let database {
      arguments += [
        "--database", database.url, "--database-password-file", database.passwordFile,
      ]
    }
    let made = try await Program.run(program, arguments)
    guard made.status == 0 else { throw Program.Failure("init: \(made.errors)") }
  }

  /// Another instance of a node whose records are in a database: a copy of its folder.
  init(instanceOf other: FlowNode) throws {
    database = other.database
    home = try TemporaryFolder()
    path = home.path + "/data"
    try FileManager.default.copyItem(atPath: other.path, toPath: path)
  }

  deinit { server?.send(SIGKILL) }

  var address: String { String(url.dropFirst("https://".count)) }
  var ca: String { path + "/tls/ca.pem" }
  var processIdentifier: Int32 { server?.processIdentifier ?? 0 }

  /// What all servers on this folder have printed so far.
  var serverOutput: String {
    (0..<serverOutputs).map { number in
      ["out", "err"].map {
        String(
          decoding: FileManager.default.contents(atPath: "\(home.path)/server\(number).\($0)")
            ?? Data(), as: UTF8.self)
      }
      .joined()
    }.joined()
  }
  var serverOutputFiles: [String] {
    (0..<serverOutputs).flatMap {
      ["\(home.path)/server\($0).out", "\(home.path)/server\($0).err"]
    }
  }

  /// Starts a server and waits until it says that it is ready.
  ///
  /// - Parameters:
  ///   - address: `HOST:PORT`; a free port of this machine unless a peer has to find the node again.
  ///   - notify: hosts to which notifications may go.
  ///   - source: where `$import` may fetch from, and the CA to trust.
  func serve(
    insecure: Bool = false, address: String? = nil, notify: [String] = [],
    importFrom source: String? = nil, ca: String? = nil, _ more: String...
  ) async throws {
    guard let program = Program.path else { throw Program.Failure(Program.absence) }
    let place = try address ?? "127.0.0.1:\(FreePort.next())"
    var arguments = ["serve", "--data", path, "--listen", place]
    if insecure { arguments += ["--insecure-http", "127.0.0.1:0"] }
    for host in notify { arguments += ["--notify", host] }
    if let source { arguments += ["--import-from", source] }
    if let ca { arguments += ["--import-ca", ca] }
    let number = serverOutputs
    serverOutputs += 1
    let output = "\(home.path)/server\(number).out"
    let process = try ChildProcess(
      program, arguments + more, output: .file(output),
      errors: .file("\(home.path)/server\(number).err"))
    server = process
    let wanted = insecure ? 2 : 1
    let lines = try await eventually("ready") { () -> [String]? in
      guard process.isRunning else {
        throw Program.Failure("the server ended: \(self.serverOutput)")
      }
      let text = try Program.text(of: output)
      guard text.hasSuffix("\n") else { return nil }
      let ready = text.split(separator: "\n").filter { $0.hasPrefix("ready ") }
      return ready.count >= wanted ? ready.map { String($0.dropFirst("ready ".count)) } : nil
    }
    url = lines.first { $0.hasPrefix("https://") } ?? ""
    insecureURL = lines.first { $0.hasPrefix("http://") }
  }

  /// Ends the server: by SIGTERM and in order, or by SIGKILL.
  @discardableResult
  func stop(_ signal: Int32 = SIGTERM) async throws -> Int32 {
    guard let server else { return 0 }
    server.send(signal)
    let status = try await eventually("the server's end") { server.status }
    self.server = nil
    return status
  }

  private var backup: String { home.path + "/backup" }

  /// Copies all that the node is, which must not be served meanwhile.
  func backUp() async throws {
    try FileManager.default.copyItem(atPath: path, toPath: backup)
    try await database?.keepCopy()
  }

  /// Goes back to the copy, which is used up.
  func restore() async throws {
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: backup, toPath: path)
    try await database?.takeCopy()
  }

  /// Runs a command on this folder.
  func run(_ arguments: String..., input: Data? = nil) async throws -> Program.Outcome {
    try await run(arguments, input: input)
  }

  func run(_ arguments: [String], input: Data? = nil) async throws -> Program.Outcome {
    guard let program = Program.path else { throw Program.Failure(Program.absence) }
    return try await Program.run(program, arguments + ["--data", path], input: input)
  }

  /// Runs a command that must succeed.
  @discardableResult
  func must(_ arguments: String...) async throws -> Program.Outcome {
    let outcome = try await run(arguments)
    guard outcome.status == 0 else {
      throw Program.Failure(
        "\(arguments.first ?? "") ended with \(outcome.status): \(outcome.output.suffix(2000))\(outcome.errors)"
      )
    }
    return outcome
  }

  func token(_ arguments: String..., scope: String = "system/*.cruds") async throws -> String {
    let outcome = try await run(["token", "--scope", scope] + arguments)
    guard outcome.status == 0, let token = outcome.lines.first, outcome.lines.count == 1 else {
      throw Program.Failure("token: \(outcome.errors)")
    }
    return token
  }

  /// Imports bytes as a file of that name.
  func take(_ name: String, _ bytes: some Sequence<UInt8>, _ arguments: String...) async throws
    -> Program.Outcome
  {
    let file = try home.write(name, bytes)
    return try await run(["import", "--json", file] + arguments)
  }

  /// Everything the node keeps, as the lines of an export.
  func exported() async throws -> [String] {
    try await must("export", "--all").lines
  }

  /// What `audit verify` says.
  func isLogClean() async throws -> Bool {
    let outcome = try await run("audit", "verify", "--json")
    return outcome.status == 0 && (outcome.json as? [String: Any])?["verified"] as? Bool == true
  }

  /// Every entry of the log as its object.
  func log() async throws -> [[String: Any]] {
    var events: [[String: Any]] = []
    var before = "9223372036854775807"
    while true {
      let outcome = try await must(
        "audit", "list", "--json", "--limit", "50000", "--before", before)
      let entries = (outcome.json as? [String: Any])?["entries"] as? [[String: Any]] ?? []
      events += entries.compactMap { $0["event"] as? [String: Any] }
      guard entries.count == 50_000, let last = entries.last?["sequence"] as? Int else {
        return events
      }
      before = String(last)
    }
  }
}
