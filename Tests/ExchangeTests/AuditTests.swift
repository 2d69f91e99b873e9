import Audit
import Consent
import Crypto
import Exchange
import FHIR
import Foundation
import GRDB
import Identity
import Node
import Primitives
import Synchronization
import Testing
import TransparencyLog

@Suite struct AuditTests {
  /// Every decision and every release has its entry, and nothing else has one.
  @Test func everyUseCaseLeavesItsEntry() async throws {
    let (home, hospital) = try await pairOfNodes()
    let grant = try await home.grant(to: hospital, types: RecordTypeSet(.labResults))
    let peer = try await home.peer(hospital)
    let exchange = home.exchange
    let steps: [(String, () async throws -> Any?)] = [
      (
        "disclosure Patient/p grant:",
        { try await exchange.read("Patient", id: "p", as: home.owner) }
      ),
      (
        "disclosure Patient/p grant:\(grant.id)",
        { try await exchange.read("Observation", id: "lab", as: peer) }
      ),
      (
        "decision-deny Patient/p", { try await exchange.read("Observation", id: "vital", as: peer) }
      ),
      ("decision-deny -", { try await exchange.read("Observation", id: "none", as: peer) }),
      (
        "disclosure Patient/p grant:\(grant.id)",
        {
          try await exchange.search(
            "Observation", query: [("patient", "p")], strict: true, as: peer)
        }
      ),
      (
        "decision-deny Patient/p",
        {
          try await exchange.search(
            "AllergyIntolerance", query: [("patient", "p")], strict: true, as: peer)
        }
      ),
      (
        "decision-permit Patient/p",
        {
          try await exchange.search(
            "Observation", query: [("patient", "p"), ("code", "1-8")], strict: true, as: home.owner)
        }
      ),
      (
        "disclosure Patient/p grant:\(grant.id)",
        {
          try await exchange.history("Observation", id: "lab", cursor: nil, count: nil, as: peer)
        }
      ),
      (
        "write Patient/p",
        { try await exchange.create("Observation", Sample.observation(of: "p"), as: home.owner) }
      ),
      (
        "decision-deny Patient/p",
        { try await exchange.create("Observation", Sample.observation(of: "p"), as: peer) }
      ),
      (
        "write Patient/p",
        { try await exchange.delete("Observation", id: "vital", expecting: .any, as: home.owner) }
      ),
      (
        "disclosure Patient/p",
        { try await exchange.export(.patient("p"), as: home.owner) { _ in } }
      ),
      ("write - ", { try await home.store(Sample.practitioner("d", npi: "1")) }),
    ]
    for (expected, step) in steps {
      let before = try await home.log().count
      _ = try? await step()
      // The log's reader is on record as well: one entry for each look.
      let new = try await home.log().dropFirst(before).map(\.event).filter { $0.kind != .auditRead }
      let words = expected.split(separator: " ")
      #expect(new.count == 1, "\(expected): \(new.map(\.kind.rawValue))")
      #expect(new.first?.kind.rawValue == String(words[0]), "\(expected)")
      #expect(new.first?.patient == (words[1] == "-" ? nil : String(words[1])), "\(expected)")
      #expect(new.first?.request?.isEmpty == false)
      if let named = words.dropFirst(2).first {
        #expect(new.first?.consents == [named.dropFirst(6)].filter { !$0.isEmpty }.map(String.init))
      }
    }
    #expect(try await exchange.verifyAudit { _ in }.verified)
  }

  @Test func thePatientsViewSaysWhoWhatWhyAndUnderWhichConsent() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.patient("q"))
    let grant = try await home.grant(to: hospital, types: .all)
    _ = try await home.read("Observation/lab", by: hospital)
    _ = try await home.read("Observation/lab", by: hospital, .research)
    let events = try await home.exchange.auditEvents(
      of: "p", before: nil, limit: 100, as: home.owner)
    #expect(events.allSatisfy { $0.event.patient == "Patient/p" })
    #expect(events.map(\.sequence) == events.map(\.sequence).sorted(by: >))
    let read = try #require(events.first { $0.event.kind == .disclosure })
    let sentence = PatientView(read.event, consentName: { $0 == grant.id ? "of today" : nil })
      .sentence
    for part in [
      "1 March 2026 at 09:00", "General Hospital", "1 lab result", "treatment", "of today",
    ] {
      #expect(sentence.contains(part), "\(part) in: \(sentence)")
    }
    let refused = try #require(events.first { $0.event.kind == .decisionDeny })
    #expect(PatientView(refused.event).sentence.contains("research"))
    #expect(
      try await home.exchange.auditEvents(of: "q", before: nil, limit: 100, as: home.owner)
        .allSatisfy { $0.event.patient == "Patient/q" })
    let page = try await home.exchange.auditEvents(
      of: "p", before: events[1].sequence, limit: 1, as: home.owner)
    #expect(page.map(\.sequence) == [events[2].sequence])
    #expect(
      await outcome {
        try await home.exchange.auditEvents(of: "none", before: nil, limit: 1, as: home.owner)
      } == "not-found")
  }

  /// A proof that is taken away is good without the node.
  @Test func aConsentIsNamedOnce() async throws {
    let (home, hospital) = try await pairOfNodes()
    let grant = try await home.grant(to: hospital, types: RecordTypeSet(.labResults))
    // For two reasons: another type, and another purpose.
    #expect(
      try await home.read("AllergyIntolerance/allergy", by: hospital, .research) == "forbidden")
    let event = try #require(
      try await home.log().map(\.event).last { $0.kind == .decisionDeny })
    #expect(event.reasons.count == 2 && event.consents == [grant.id], "\(event.reasons)")
    // Entries of before say it twice; the sentence does not.
    var old = event
    old.consents = [grant.id, grant.id, "other"]
    #expect(PatientView(old).sentence.contains("under your consents \(grant.id) and other"))
    #expect(
      PatientView(old) { _ in "of 1 March 2026" }.sentence
        .contains("under your consent of 1 March 2026"))
  }

  @Test func aProofHoldsOffline() async throws {
    let (home, hospital) = try await pairOfNodes()
    let key = try Ed25519NoteVerifier(
      name: Exchange.logOrigin(home.id),
      publicKey: home.random.keys(of: home.id).signing.publicKey)
    for sequence in 0..<Int64(try await home.log().count) {
      let proof = try await home.exchange.proveAudit(sequence, of: nil, as: home.owner)
      let parsed = try ProofBundle(parsing: proof.bundle.bytes)
      let entry = try parsed.auditEntry()
      #expect(entry == proof.entry)
      try parsed.proof.verify(leafHash: entry.leafHash, logKey: key)
      #expect(parsed.index == UInt64(sequence) && parsed.log.verifierKey == key.verifierKey)
      var forged = parsed.entry
      forged[forged.count / 2] ^= 1
      if let other = try? AuditEntry(plaintext: forged) {
        #expect(throws: PeerChartError.self) {
          try parsed.proof.verify(leafHash: other.leafHash, logKey: key)
        }
      }
    }
    #expect(
      await outcome { try await home.exchange.proveAudit(100_000, of: nil, as: home.owner) }
        == "not-found")
    _ = hospital
  }
}

/// Somebody with access to the disk changes the log: each byte of each column, one at a time.
@Suite struct LogTamperTests {
  /// A connection to a node's database beside the node, for changing what lies there.
  private struct Tampering {
    let queue: DatabaseQueue

    init(_ node: TestNode) throws {
      var configuration = Configuration()
      configuration.busyMode = .timeout(20)
      // What is written here is meant to be lost.
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
      queue = try DatabaseQueue(
        path: node.folder.path + "/store/node.sqlite", configuration: configuration)
    }

    struct Cell: CustomStringConvertible {
      let table: String
      let column: String
      let row: Int64
      let value: DatabaseValue
      var description: String { "\(table).\(column) of row \(row)" }
    }

    /// Every cell of the log but those that nothing authenticates.
    func cells(_ tables: [String: [String]]) throws -> [Cell] {
      try queue.read { db in
        try tables.sorted { $0.key < $1.key }.flatMap { table, columns in
          try columns.flatMap { column in
            try Row.fetchAll(db, sql: "SELECT rowid AS place, \(column) AS value FROM \(table)")
              .map { Cell(table: table, column: column, row: $0["place"], value: $0["value"]) }
          }
        }
      }
    }

    func write(_ cell: Cell, _ value: DatabaseValue) throws {
      try queue.write { db in
        try db.execute(
          sql: "UPDATE \(cell.table) SET \(cell.column) = ? WHERE rowid = ?",
          arguments: [value, cell.row])
      }
    }
  }

  /// The value with one byte changed, for each of its bytes.
  private func flips(_ value: DatabaseValue) -> [DatabaseValue] {
    switch value.storage {
    case .blob(let data):
      return data.indices.map { index in
        var changed = data
        changed[index] ^= UInt8(1 << (index % 8))
        return changed.databaseValue
      }
    case .string(let text):
      // Still text afterwards: what is none could not be stored in this column.
      return text.utf8.indices.enumerated().compactMap { offset, _ in
        var changed = Array(text.utf8)
        changed[offset] ^= UInt8(1 << (offset % 5))
        return String(validating: changed, as: UTF8.self)?.databaseValue
      }
    case .int64(let number): return (0..<8).map { (number ^ (1 << ($0 * 8 + 1))).databaseValue }
    case .null: return [Int64(1).databaseValue]
    case .double: return []
    }
  }

  private func check(
    _ node: TestNode, _ tables: [String: [String]], every step: Int = 1
  ) async throws -> Int {
    #expect(try await node.exchange.verifyAudit { _ in }.verified)
    let tampering = try Tampering(node)
    var count = 0
    for cell in try tampering.cells(tables) {
      for (place, changed) in flips(cell.value).enumerated() where place % step == 0 {
        do { try tampering.write(cell, changed) } catch is DatabaseError { continue }
        var named = false
        do {
          let found = try await node.exchange.verifyAudit { _ in }
          named = !found.verified && found.findings.first?.isEmpty == false
        } catch {
          Issue.record("\(cell), byte \(place): verification itself failed: \(error)")
        }
        #expect(named, "a change of \(cell), byte \(place), went unnoticed")
        var moved = cell
        if cell.column == "sequence" || cell.column == "size" {
          guard case .int64(let row) = changed.storage else { continue }
          moved = Tampering.Cell(
            table: cell.table, column: cell.column, row: row, value: cell.value)
        }
        try tampering.write(moved, cell.value)
        count += 1
      }
    }
    #expect(try await node.exchange.verifyAudit { _ in }.verified)
    return count
  }

  @Test func eachByteOfASmallLogIsNoticed() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    for _ in 0..<8 { _ = try await node.exchange.read("Patient", id: "p", as: node.owner) }
    let count = try await check(
      node,
      ["audit": ["sequence", "slot", "sealed", "leaf_hash"], "checkpoint": ["size", "note"]])
    #expect(count > 1000)
  }

  @Test func eachByteOfTheTilesIsNoticed() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    for _ in 0..<256 { _ = try await node.exchange.read("Patient", id: "p", as: node.owner) }
    let tampering = try Tampering(node)
    let tile = try tampering.queue.read {
      try Row.fetchOne($0, sql: "SELECT level, tile, hash FROM log_tile")
    }
    let (level, index, hash): (Int64, Int64, Data) = (
      try #require(tile?["level"]), try #require(tile?["tile"]), try #require(tile?["hash"])
    )
    func attempt(_ level: Int64, _ index: Int64, _ hash: Data) async throws {
      try await tampering.queue.write {
        try $0.execute(
          sql: "UPDATE log_tile SET level = ?, tile = ?, hash = ?", arguments: [level, index, hash])
      }
      let found = try await node.exchange.verifyAudit { _ in }
      #expect(!found.verified && found.findings.contains { $0.contains("tile root") })
    }
    for place in hash.indices {
      var changed = hash
      changed[place] ^= 0x10
      try await attempt(level, index, changed)
    }
    for byte in 0..<8 {
      try await attempt(level ^ (1 << (byte * 8)), index, hash)
      try await attempt(level, index ^ (1 << (byte * 8)), hash)
    }
    try await tampering.queue.write { try $0.execute(sql: "DELETE FROM log_tile") }
    #expect(try await !node.exchange.verifyAudit { _ in }.verified)
  }

  /// Whole rows taken away, doubled, swapped or cut off at the end.
  @Test(arguments: [
    "DELETE FROM audit WHERE sequence = 4", "DELETE FROM audit WHERE sequence = 0",
    "DELETE FROM audit WHERE sequence >= 8", "DELETE FROM checkpoint",
    "UPDATE audit SET (sealed, leaf_hash) = (SELECT sealed, leaf_hash FROM audit WHERE sequence = 5) WHERE sequence = 6",
    "INSERT INTO audit SELECT 100, slot, sealed, leaf_hash FROM audit WHERE sequence = 3",
    "INSERT INTO audit SELECT max(sequence) + 1, 1, x'00', x'00' FROM audit",
    "UPDATE audit SET slot = NULL WHERE slot IS NOT NULL",
    "DELETE FROM audit WHERE sequence >= 8; DELETE FROM checkpoint",
    "UPDATE audit SET sealed = x''", "UPDATE audit SET leaf_hash = x''",
    "UPDATE checkpoint SET note = ''", "UPDATE audit SET sequence = -sequence",
  ])
  func rowsThatWereMovedAreNoticed(sql: String) async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    for _ in 0..<9 { _ = try await node.exchange.read("Patient", id: "p", as: node.owner) }
    try await Tampering(node).queue.write { try $0.execute(sql: sql) }
    let found = try await node.exchange.verifyAudit { _ in }
    #expect(!found.verified && !found.findings.isEmpty, "\(sql)")
  }
}
