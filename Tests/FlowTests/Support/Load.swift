import Foundation
import Synchronization

/// What was acknowledged to somebody, and must therefore be true ever after.
final class Ledger: Sendable {
  struct Contents {
    /// `Type/id` to version.
    var writes: [String: Int] = [:]
    /// Ids of requests that were answered with records.
    var requests: Set<String> = []
    var grants: Set<String> = []
    var reads = 0
    /// Answers to each client by its name.
    var answers: [String: Int] = [:]
    var isOver = false
  }
  private let state = Mutex(Contents())
  var contents: Contents { state.withLock { $0 } }

  func note(write address: String, version: Int, by client: String) {
    state.withLock {
      $0.writes[address] = max(version, $0.writes[address] ?? 0)
      $0.answers[client, default: 0] += 1
    }
  }
  func note(request: String) { _ = state.withLock { $0.requests.insert(request) } }
  func note(grant: String) { _ = state.withLock { $0.grants.insert(grant) } }
  func noteRead() { state.withLock { $0.reads += 1 } }
  func note(imported ids: [String]) {
    state.withLock { state in for id in ids { state.writes["Patient/\(id)"] = 1 } }
  }
  /// Lets the clients stop, or go on.
  func setOver(_ isOver: Bool) { state.withLock { $0.isOver = isOver } }
}

/// A client that writes, reads and searches on one connection until the server is gone.
struct LoadClient: Sendable {
  let port: UInt16
  let token: String
  let name: String
  let ledger: Ledger

  /// Works on a thread of its own, since it blocks.
  func run() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        work()
        continuation.resume()
      }
    }
  }

  private func work() {
    guard let connection = try? RawConnection(port: port) else { return }
    for number in 0..<100_000 where !ledger.contents.isOver {
      let id = "\(name)-\(number / 2)"
      let body = #"{"resourceType":"Patient","id":"\#(id)","multipleBirthInteger":\#(number)}"#
      guard let written = ask(connection, "PUT", "/fhir/Patient/\(id)", body) else { return }
      if written.status == 200 || written.status == 201 {
        let tag = written.fields["etag"]?.filter(\.isNumber)
        ledger.note(
          write: "Patient/\(id)", version: tag.flatMap { Int($0) } ?? .max, by: name)
      }
      let path = number.isMultiple(of: 3) ? "/fhir/Immunization?patient=p" : "/fhir/Patient/\(id)"
      guard let read = ask(connection, "GET", path, nil) else { return }
      if read.status == 200, let request = read.fields["x-request-id"] {
        ledger.note(request: request)
      }
    }
  }

  private func ask(
    _ connection: RawConnection, _ method: String, _ path: String, _ body: String?
  ) -> (status: Int, fields: [String: String], body: [UInt8])? {
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
      + (body.map {
        "Content-Type: application/fhir+json\r\nContent-Length: \($0.utf8.count)\r\n\r\n\($0)"
      } ?? "\r\n")
    guard (try? connection.send(head)) != nil else { return nil }
    return connection.receiveAnswer()
  }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension FlowNode {
  /// Whether everything in the ledger is there: versions in the export, answers in the log.
  func lacks(_ known: Ledger.Contents) async throws -> [String] {
    var stored: [String: Int] = [:]
    for line in try await exported() {
      guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
        let type = object["resourceType"] as? String, let id = object["id"] as? String,
        let version = (object["meta"] as? [String: Any])?["versionId"] as? String
      else { return ["a line of the export is no resource"] }
      stored["\(type)/\(id)"] = Int(version)
    }
    // Reads that were answered together are one entry.
    let logged = Set(
      try await log().flatMap {
        $0["requests"] as? [String] ?? [$0["request"] as? String].compactMap { $0 }
      })
    return known.writes.filter { (stored[$0.key] ?? 0) < $0.value }.map { "\($0.key) is lost" }
      + known.requests.filter { !logged.contains($0) }.map { "\($0) is not in the log" }
  }
}
