import Consent
import Exchange
import FHIR
import Foundation
import GRDB
import Identity
import Node
import Primitives
import Testing

/// Somebody writes old copies of rows back to the disk, without any key: `audit verify` names them.
@Suite struct ItemReplayTests {
  /// The table of items as somebody sees it who has the disk.
  private struct Disk {
    struct Name: Hashable, Comparable {
      let kind: String
      let key: Data
      static func < (a: Self, b: Self) -> Bool {
        (a.kind, Array(a.key).description) < (b.kind, Array(b.key).description)
      }
    }

    let queue: DatabaseQueue

    init(_ node: TestNode) throws {
      queue = try DatabaseQueue(path: node.folder.path + "/store/node.sqlite")
    }

    func items() throws -> [Name: Data] {
      try queue.read { db in
        let rows = try Row.fetchAll(db, sql: "SELECT kind, key, sealed FROM item")
        return Dictionary(
          uniqueKeysWithValues: rows.map { row in
            (Name(kind: row["kind"], key: row["key"]), row["sealed"] as Data)
          })
      }
    }

    func write(_ name: Name, _ sealed: Data?) throws {
      try queue.write { db in
        try db.execute(
          sql: "DELETE FROM item WHERE kind = ? AND key = ?", arguments: [name.kind, name.key])
        guard let sealed else { return }
        try db.execute(
          sql: "INSERT INTO item (kind, key, sealed) VALUES (?, ?, ?)",
          arguments: [name.kind, name.key, sealed])
      }
    }
  }

  private func findings(_ node: TestNode) async throws -> [String] {
    let found = try await node.exchange.verifyAudit { _ in }
    #expect(found.verified == found.findings.isEmpty)
    return found.findings
  }

  /// Does something, then puts back, one by one, every row that it changed.
  private func replay(
    _ what: String, on node: TestNode, expecting kinds: Set<String>,
    _ change: () async throws -> Void
  ) async throws {
    let disk = try Disk(node)
    let before = try disk.items()
    try await change()
    let after = try disk.items()
    #expect(try await findings(node) == [], "\(what)")
    // The node's own key is wrapped anew with the root; an old copy of it opens nothing.
    let changed = Set(before.keys).union(after.keys)
      .filter { before[$0] != after[$0] && $0.kind != "node" }
    #expect(Set(changed.map(\.kind)).isSuperset(of: kinds), "\(what): \(changed.map(\.kind))")
    for name in changed.sorted() {
      try disk.write(name, before[name])
      let found = try await findings(node)
      #expect(
        found.count == 1 && found.first?.hasPrefix("\(name.kind):") == true, "\(what): \(found)")
      let word =
        before[name] == nil
        ? "item-missing" : after[name] == nil ? "item-returned" : "item-differs"
      #expect(found.first?.contains(word) == true, "\(what): \(found)")
      try disk.write(name, after[name])
    }
    #expect(try await findings(node) == [], "\(what)")
  }

  @Test func anOldCopyOfARowIsNoticed() async throws {
    let clock = TestClock()
    let home = try await TestNode(name: "Samplewood family", clock: clock)
    let hospital = try await TestNode(.organization, name: "General Hospital", clock: clock)
    try await home.store(Sample.patient("p"), Sample.condition("problem", of: "p"))
    #expect(try await findings(home) == [])

    var invitation: Invitation?
    try await replay("invitation", on: home, expecting: ["invitation"]) {
      invitation = try await home.exchange.invite(
        addresses: [try address()], lifetime: 600, as: home.owner)
    }
    let given = try #require(invitation)
    try await replay("pairing", on: home, expecting: ["invitation", "peer"]) {
      _ = try await hospital.exchange.accept(
        given, addresses: [try address()], using: LoopTransport(from: hospital, to: home),
        as: hospital.owner)
    }
    var token = ""
    try await replay("token", on: home, expecting: ["token"]) {
      token = try await home.exchange.issueToken(
        TokenRequest(
          scope: ScopeSet(parsing: "system/*.rs"), role: .system, name: "x", purpose: .operations,
          treats: [], lifetime: 3600), as: home.owner)
    }
    #expect(!token.isEmpty)
    try await replay("token revoked", on: home, expecting: ["token"]) {
      let id = try #require(try await home.exchange.tokens(as: home.owner).first?.id)
      try await home.exchange.revokeToken(id, as: home.owner)
    }
    try await replay("break-glass", on: home, expecting: ["breakGlass", "notice"]) {
      _ = try await home.exchange.breakTheGlass(
        Array(#"{"patient":"p","reason":"unconscious","text":"x"}"#.utf8),
        as: home.peer(hospital))
    }
    try await replay("review", on: home, expecting: ["breakGlass"]) {
      let session = try #require(
        try await home.exchange.breakGlassSessions(as: home.owner).first?.session)
      try await home.exchange.review(
        breakGlass: session, accepted: false, note: "No", as: home.owner)
    }
    try await replay("request", on: home, expecting: ["accessRequest", "notice"]) {
      _ = try await hospital.exchange.requestAccess(
        AccessRequestDraft(
          patient: PatientHint(id: "p"), types: .all, purpose: .treatment, seconds: 3600,
          reason: "x"), from: home.id, as: hospital.owner)
      _ = try await hospital.exchange.deliverDue(using: LoopTransport(from: hospital, to: home))
    }
    try await replay("answer", on: home, expecting: ["accessRequest", "patientLink"]) {
      let request = try #require(try await home.requests().first?.id)
      _ = try await home.exchange.answer(
        request, .grant(patient: "p", types: nil, labels: nil, seconds: nil, maximumUses: nil),
        as: home.owner)
    }
    try await replay("answered", on: hospital, expecting: ["accessRequest", "notice"]) {
      _ = try await home.exchange.deliverDue(using: LoopTransport(from: home, to: hospital))
    }
    try await replay("destroyed", on: home, expecting: ["patientLink"]) {
      try await home.exchange.destroyChart(of: "p", as: home.owner)
    }
  }

  /// A revoked grant whose newest version is taken from the disk would hold again.
  @Test func aRevocationThatIsTakenAwayIsNoticed() async throws {
    let (home, hospital) = try await pairOfNodes()
    let grant = try await home.grant(to: hospital, types: RecordTypeSet(.problems))
    try await home.exchange.revoke(grant.id, as: home.owner)
    #expect(try await findings(home) == [])
    let queue = try Disk(home).queue
    try await queue.write {
      try $0.execute(sql: "DELETE FROM version WHERE row = (SELECT max(row) FROM version)")
    }
    let found = try await findings(home)
    #expect(found.count == 1 && found.first?.contains("version-missing") == true, "\(found)")
  }

  /// A row that no entry speaks of, such as one of another node's, or under another name.
  @Test func aRowThatNobodyPutIsNoticed() async throws {
    let (home, hospital) = try await pairOfNodes()
    let (disk, other) = (try Disk(home), try Disk(hospital))
    let foreign = try #require(try other.items().first { $0.key.kind == "peer" })
    try disk.write(.init(kind: "peer", key: Data([1, 2, 3])), foreign.value)
    let found = try await findings(home)
    #expect(found.count == 1 && found.first?.contains("item-unknown") == true, "\(found)")
  }
}
