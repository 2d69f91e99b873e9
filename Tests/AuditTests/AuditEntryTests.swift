import Audit
import Foundation
import Primitives
import TestSupport
import Testing
import TransparencyLog

struct AuditEntryTests {
  /// Computed with Python's hashlib from docs/format/audit-entry.md.
  @Test func theDocumentedVector() throws {
    let text =
      #"{"action":"E","actor":{"id":"1","kind":"node"},"id":"000102030405060708090a0b0c0d0e0f","kind":"node-started","outcome":"success","time":"2026-03-03T09:30:00.000Z","version":1}"#
    let event = AuditEvent(
      id: AuditEventID(random: CountingRandom()), time: Fixture.time, kind: .nodeStarted,
      actor: AuditActor(kind: .node, id: "1"))
    let entry = try AuditEntry(event, random: CountingRandom())
    #expect(String(decoding: entry.eventBytes, as: UTF8.self) == text)
    #expect(entry.plaintext == Array(0..<32) + Array(text.utf8))
    #expect(
      entry.commitment.description
        == "01a5b4db1851c1b906f191f10072a6c40512e7eb7ac3e80b74384767c19765b6")
    #expect(
      entry.leafHash.description
        == "2d89c3142aa57fe00e913fff5fc136f1ac8a369d19210004c3c73b4378244b2e")
  }

  @Test func plaintextRoundTrips() throws {
    var random = SeededGenerator()
    for _ in 0..<200 {
      let entry = try AuditEntry(Fixture.randomEvent(using: &random), random: SystemRandom())
      let opened = try AuditEntry(plaintext: entry.plaintext)
      #expect(opened == entry, "seed \(random.seed)")
      #expect(opened.leafHash == entry.leafHash)
    }
    let one = try AuditEntry(Fixture.event(), random: SystemRandom())
    let two = try AuditEntry(Fixture.event(), random: SystemRandom())
    #expect(one.leafHash != two.leafHash, "the salt makes equal events look different")
  }

  @Test func shortOrForeignPlaintextIsRefused() throws {
    let plaintext = try AuditEntry(Fixture.event(), random: SystemRandom()).plaintext
    for count in [0, 1, 31, 32, 33, plaintext.count - 1] {
      #expect(throws: PeerChartError.self) {
        try AuditEntry(plaintext: Array(plaintext.prefix(count)))
      }
    }
    #expect(throws: PeerChartError.self) { try AuditEntry(plaintext: plaintext + [0x20]) }
  }

  /// Another JSON encoder and another SHA-256 come to the same bytes and hashes.
  @Test(.enabled(if: Python.path != nil, "python3 is not here"))
  func pythonAgrees() async throws {
    var random = SeededGenerator()
    let entries = try (0..<100).map { _ in
      try AuditEntry(Fixture.randomEvent(using: &random), random: SystemRandom())
    }
    let script = """
      import sys, json, hashlib
      for line in sys.stdin:
          plaintext = bytes.fromhex(line.strip())
          salt, event = plaintext[:32], plaintext[32:]
          value = json.loads(event)
          form = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
          assert form.encode() == event, form
          commitment = hashlib.sha256(b"peerchart audit entry v1\\n" + salt + event).digest()
          print(hashlib.sha256(b"\\0" + commitment).hexdigest())
      """
    let input = entries.map { Hex.encode($0.plaintext) + "\n" }.joined()
    let output = try await Python.run(script, input: input)
    let leaves = output.split(separator: "\n").map(String.init)
    #expect(leaves == entries.map(\.leafHash.description), "seed \(random.seed)")
  }
}

/// The machine's Python, as an independent reader of our formats.
enum Python {
  static let path = ["/usr/bin/python3", "/usr/local/bin/python3"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static func run(_ script: String, input: String) async throws -> String {
    let (_, output) = try await ChildProcess.run(
      try #require(path), ["-c", script], environment: ["PYTHONUTF8": "1"], input: Data(input.utf8))
    return String(decoding: output, as: UTF8.self)
  }
}
