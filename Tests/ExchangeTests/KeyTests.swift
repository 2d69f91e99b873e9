import Audit
import Consent
import Exchange
import Foundation
import GRDB
import Identity
import Node
import Primitives
import Testing
import Vault

@Suite struct KeyTests {
  private func chart(_ protection: RootKeyProtection = .file) async throws -> TestNode {
    let node = try await TestNode(protection: protection)
    try await node.store(
      Sample.patient("p"), Sample.patient("q"), Sample.observation("of-p", of: "p"),
      Sample.observation("of-q", of: "q"))
    return node
  }

  private func read(_ node: TestNode, _ id: String) async -> String {
    await outcome { try await node.exchange.read("Observation", id: id, as: node.owner) }
  }

  @Test func theRootIsReplacedWithoutTouchingARecord() async throws {
    let node = try await chart()
    let bodies = try await sealedBodies(node)
    let other = try await node.beside()
    #expect(try await node.exchange.replaceRootKey(as: node.owner) == 2)
    #expect(try await node.exchange.replaceRootKey(as: node.owner) == 3)
    #expect(try await sealedBodies(node) == bodies)
    // A program that was open all the while goes on, and so does one that opens now.
    #expect(
      await outcome {
        try await other.exchange.read("Observation", id: "of-p", as: other.exchange.nodeOperator())
      } == "ok")
    #expect(
      await outcome {
        try await other.exchange.create(
          "Patient", Sample.patient("new"), as: other.exchange.nodeOperator())
      } == "ok")
    await other.close()
    try await node.reopen()
    #expect(await read(node, "of-p") == "ok")
    #expect(await read(node, "of-q") == "ok")
    #expect(
      try FileKeyProvider(path: node.folder.rootKey, random: SystemRandom()).generations() == [3])
    #expect(try await node.log().filter { $0.event.kind == .keyRotated }.count == 2)
  }

  /// Killed after the new root was staged and before the store moved over.
  @Test func aReplacementThatEndedBeforeTheStoreMovedIsBegunAnew() async throws {
    let node = try await chart()
    await node.close()
    let crashed = try FileKeyProvider(path: node.folder.rootKey, random: SystemRandom())
    #expect(try crashed.stage(after: 1) == 2)
    try await node.reopen()
    #expect(await read(node, "of-p") == "ok")
    try await node.store(Sample.patient("later"))
    #expect(try await node.exchange.replaceRootKey(as: node.owner) == 2)
    #expect(await read(node, "of-p") == "ok")
    try await node.reopen()
    #expect(await read(node, "of-q") == "ok")
  }

  /// Killed after the store had moved over and before the old root was destroyed.
  @Test func aReplacementThatEndedAfterTheStoreMovedIsEndedOnOpening() async throws {
    let node = try await chart()
    let provider = try FileKeyProvider(path: node.folder.rootKey, random: SystemRandom())
    _ = try provider.stage(after: 1)
    let both = try Data(contentsOf: URL(fileURLWithPath: node.folder.rootKey))
    #expect(try await node.exchange.replaceRootKey(as: node.owner) == 2)
    await node.close()
    try both.write(to: URL(fileURLWithPath: node.folder.rootKey))
    #expect(
      try FileKeyProvider(path: node.folder.rootKey, random: SystemRandom()).generations() == [
        1, 2,
      ])
    try await node.reopen()
    #expect(await read(node, "of-p") == "ok")
    #expect(
      try FileKeyProvider(path: node.folder.rootKey, random: SystemRandom()).generations() == [2])
  }

  @Test func ofReplacementsAtOnceEachOneHoldsOrIsRefused() async throws {
    let node = try await chart()
    let other = try await node.beside()
    let outcomes = await withTaskGroup(of: String.self) { group in
      for number in 0..<6 {
        let exchange = number.isMultiple(of: 2) ? node.exchange : other.exchange
        group.addTask {
          await outcome { try await exchange.replaceRootKey(as: exchange.nodeOperator()) }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(
      outcomes.contains("ok") && outcomes.allSatisfy { ["ok", "conflict"].contains($0) },
      "\(outcomes)")
    #expect(await read(node, "of-p") == "ok")
    await other.close()
    try await node.reopen()
    #expect(await read(node, "of-q") == "ok")
  }

  @Test func aDestroyedChartIsGoneFromHereAndFromEveryCopy() async throws {
    let node = try await chart()
    let clinic = try await TestNode(.organization, clock: node.clock)
    try await pair(clinic, with: node)
    try await node.grant(to: clinic, types: .all)
    // A record about two patients, in the chart that stays.
    try await node.store(
      Sample.observation(
        "of-both", of: "q", extra: #""performer":[{"reference":"Patient/p"}],"#))
    await node.close()
    let backup = TemporaryFolder.newPath()
    try FileManager.default.copyItem(atPath: node.folder.path, toPath: backup)
    defer { try? FileManager.default.removeItem(atPath: backup) }
    try await node.reopen()
    let bystander = try await node.beside()
    _ = try await bystander.exchange.read(
      "Observation", id: "of-p", as: bystander.exchange.nodeOperator())

    try await node.exchange.destroyChart(of: "p", as: node.owner)
    for exchange in [node.exchange, bystander.exchange] {
      let owner = exchange.nodeOperator()
      #expect(
        await outcome { try await exchange.read("Observation", id: "of-p", as: owner) }
          == "chart-destroyed")
      #expect(
        await outcome { try await exchange.read("Observation", id: "of-q", as: owner) } == "ok")
      #expect(
        await outcome { try await exchange.searchAll("Patient", [], as: owner) } == "ok")
      #expect(
        await outcome { try await exchange.searchAll("Observation", [], as: owner) } == "ok")
      #expect(
        await outcome {
          try await exchange.create("Observation", Sample.observation(of: "p"), as: owner)
        } == "chart-destroyed")
      #expect(await outcome { try await exchange.grants(of: nil, as: owner) } == "ok")
      #expect(await outcome { try await exchange.verifyAudit { _ in } } == "ok")
      #expect(try await exchange.verifyAudit { _ in }.verified)
    }
    await bystander.close()
    #expect(try await node.read("Observation/of-q", by: clinic) == "forbidden")
    var exported: [String] = []
    let total = try await node.exchange.export(.all, as: node.owner) { exported += $0.map(\.id) }
    #expect(total.destroyed == 1 && exported.contains("of-q") && !exported.contains("of-p"))
    #expect(
      await outcome { try await node.exchange.destroyChart(of: "p", as: node.owner) } == "gone")
    #expect(
      await outcome { try await node.exchange.destroyChart(of: "none", as: node.owner) }
        == "not-found")
    try await node.reopen()
    #expect(await read(node, "of-p") == "chart-destroyed")

    // The old copy of everything, opened with the root key as it is now.
    try FileManager.default.removeItem(atPath: DataFolder(backup).rootKey)
    try FileManager.default.copyItem(
      atPath: node.folder.rootKey, toPath: DataFolder(backup).rootKey)
    let reading = await outcome {
      let copy = try await PeerChartNode.open(
        DataFolder(backup), passphrase: { throw PeerChartError(.invalid, "none") })
      let owner = copy.exchange.nodeOperator()
      defer { Task { await copy.close() } }
      return try await copy.exchange.read("Observation", id: "of-p", as: owner)
    }
    #expect(reading != "ok")
  }

  @Test func aPassphraseProtectsTheRoot() async throws {
    let right = "correct horse battery staple"
    let node = try await chart(.passphrase(SecretBytes(copying: Array(right.utf8))))
    let before = try Data(contentsOf: URL(fileURLWithPath: node.folder.rootKey))
    for wrong in ["correct horse battery stapl", ""] {
      let result = await outcome { try await node.reopen(passphrase: wrong) }
      #expect(result != "ok" && result != "foreign error")
    }
    try await node.reopen(passphrase: right)
    #expect(await read(node, "of-p") == "ok")
    _ = try await node.exchange.replaceRootKey(as: node.owner)
    try await node.exchange.destroyChart(of: "p", as: node.owner)
    #expect(try Data(contentsOf: URL(fileURLWithPath: node.folder.rootKey)) != before)
    try await node.reopen(passphrase: right)
    #expect(await read(node, "of-p") == "chart-destroyed")
    #expect(await read(node, "of-q") == "ok")
  }

  @Test func thePassphraseIsChangedAndTheRootStays() async throws {
    func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }
    let (old, new) = ("correct horse battery staple", "a new one")
    let node = try await chart(.passphrase(secret(old)))
    let bodies = try await sealedBodies(node)
    #expect(
      await outcome {
        try await node.exchange.changePassphrase(to: secret(""), as: node.owner)
      } == "invalid")
    let bearer = try await node.bearer(.system)
    #expect(
      await outcome { try await node.exchange.changePassphrase(to: secret(new), as: bearer) }
        == "forbidden")
    try await node.exchange.changePassphrase(to: secret(new), as: node.owner)
    #expect(await read(node, "of-p") == "ok")
    #expect(await outcome { try await node.reopen(passphrase: old) } == "unauthenticated")
    try await node.reopen(passphrase: new)
    #expect(await read(node, "of-q") == "ok")
    #expect(try await node.exchange.replaceRootKey(as: node.owner) == 2)
    try await node.reopen(passphrase: new)
    #expect(await read(node, "of-p") == "ok")
    #expect(try await sealedBodies(node) == bodies)
    let changes = try await node.log().map(\.event).filter { $0.kind == .nodeConfigured }
    #expect(changes.map { $0.detail["changed"] } == ["root-key-passphrase"])

    let plain = try await chart()
    let before = try await plain.log().filter { $0.event.kind != .auditRead }.count
    #expect(
      await outcome {
        try await plain.exchange.changePassphrase(to: secret(new), as: plain.owner)
      } == "invalid")
    #expect(try await plain.log().filter { $0.event.kind != .auditRead }.count == before)
  }

  @Test func aFolderIsMadeOnceAndNeverOverANode() async throws {
    let node = try await chart()
    func make() async -> String {
      await outcome {
        try await PeerChartNode.initialize(
          node.folder, name: "Again", kind: .household, protection: .file)
      }
    }
    #expect(await make() == "conflict")
    await node.close()
    // The file that says "there is a node here" is lost; what lies there is not to be thrown away.
    let marker = node.folder.path + "/node.json"
    let saved = try Data(contentsOf: URL(fileURLWithPath: marker))
    try FileManager.default.removeItem(atPath: marker)
    #expect(await make() == "conflict")
    try saved.write(to: URL(fileURLWithPath: marker))
    try await node.reopen()
    #expect(await read(node, "of-p") == "ok")
  }

  private func sealedBodies(_ node: TestNode) async throws -> [Data] {
    try await DatabaseQueue(path: node.folder.path + "/store/node.sqlite").read {
      try Data.fetchAll($0, sql: "SELECT sealed FROM version ORDER BY row")
    }
  }
}
