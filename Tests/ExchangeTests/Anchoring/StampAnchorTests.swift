import Exchange
import Foundation
import Logging
import Node
import PeerNetwork
import Primitives
import TestSupport
import Testing
import TransparencyLog

/// Anchors at a calendar and at an authority (Tests/Interop/stamp_services.py).
@Suite(.enabled(if: PythonService.python != nil, "\(PythonService.absence)"))
struct StampAnchorTests {
  private struct Scene {
    let node: TestNode
    let transport: HTTPAnchorTransport
    let service: PythonService
    let folder: String

    func url(_ index: Int) -> String { "http://127.0.0.1:\(service.lines[index])" }

    func mode(_ mode: String, at index: Int) async throws {
      _ = try await transport.send(
        AnchorRequest(try AnchorAddress("\(url(index))/mode/\(mode)"), limit: 100))
    }

    func newest(_ name: String) async throws -> LogAnchorSummary? {
      try await node.exchange.anchors(of: name, limit: 1, as: node.owner).last
    }

    func push(_ name: String) async throws -> LogAnchorSummary? {
      try await node.exchange.pushAnchors(name, using: transport, as: node.owner)
      return try await newest(name)
    }

    func addCalendar(bitcoin: Bool = true, depth: UInt64 = 2) async throws {
      _ = try await node.exchange.addAnchorPlace(
        AnchorPlace(
          name: "calendar",
          target: .calendars(
            AnchorPlace.Calendars(
              calendars: [try AnchorAddress(url(0))],
              bitcoin: bitcoin ? try AnchorAddress(url(1)) : nil, depth: depth)),
          interval: 3600), as: node.owner)
    }

    func addAuthority(trust: String = "ca.crt") async throws {
      let pem = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(trust)")))
      _ = try await node.exchange.addAnchorPlace(
        AnchorPlace(
          name: "tsa",
          target: .authority(
            AnchorPlace.Authority(
              address: try AnchorAddress(url(2)),
              trusted: try TimeStampAuthority.readTrusted(pem: pem).map { Data($0) })),
          interval: 86_400), as: node.owner)
    }
  }

  private func with(_ body: (Scene) async throws -> Void) async throws {
    let folder = try TimeStampFolder()
    let scene = Scene(
      node: try await TestNode(),
      transport: HTTPAnchorTransport(requestSeconds: 240, logger: Logger(label: "test")),
      service: try PythonService("stamp_services.py", [folder.path], lines: 3), folder: folder.path)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(scene)) } catch { outcome = .failure(error) }
    await scene.transport.shutdown()
    try outcome.get()
  }

  @Test func aCalendarsPromiseBecomesABlock() async throws {
    try await with { scene in
      try await scene.addCalendar()
      let taken = try #require(try await scene.node.anchorNow(at: "calendar", scene.transport))
      #expect(taken.finding.state == .pending && taken.isTaken)
      let final = try #require(try await scene.push("calendar"))
      #expect(final.finding.state == .final && final.finding.depth == 2)
      #expect(final.finding.time?.description == "2026-09-21T14:13:20.000Z")
      let found = try await scene.node.exchange.verifyAnchors(
        "calendar", using: scene.transport, as: scene.node.owner)
      #expect(found.verified && found.anchors.first?.state == .final, "\(found.findings)")
      let exported = try await scene.node.exchange.exportAnchor(
        "calendar", size: nil, as: scene.node.owner)
      let file = try TimestampFile(parsing: exported.proof)
      #expect(file.attested.contains { $0.attestation == .bitcoin(101) })
    }
  }

  @Test func withoutABitcoinNodeItIsIncludedAndSaysWhy() async throws {
    try await with { scene in
      try await scene.addCalendar(bitcoin: false)
      try await scene.node.anchorNow(at: "calendar", scene.transport)
      let anchor = try #require(try await scene.push("calendar"))
      #expect(anchor.finding.state == .included && anchor.finding.depth == nil)
      #expect(anchor.finding.reason?.contains("no Bitcoin node") == true)
    }
  }

  @Test func aBlockThatIsNotDeepIsNotFinal() async throws {
    try await with { scene in
      try await scene.addCalendar(depth: 3)
      try await scene.node.anchorNow(at: "calendar", scene.transport)
      #expect(try await scene.push("calendar")?.finding.state == .included)
    }
  }

  @Test(arguments: ["vanished", "nonsense", "foreign"])
  func aCalendarThatIsNoGoodTakesNothing(mode: String) async throws {
    try await with { scene in
      try await scene.addCalendar()
      try await scene.mode(mode, at: 0)
      let waiting = try #require(try await scene.node.anchorNow(at: "calendar", scene.transport))
      #expect(!waiting.isTaken && waiting.finding.reason == "no calendar takes it")
      try await scene.mode("good", at: 0)
      #expect(try await scene.push("calendar")?.isTaken == true)
      // One that vanishes afterwards leaves it pending, and what there is stays.
      try await scene.mode("vanished", at: 0)
      #expect(try await scene.push("calendar")?.finding.state == .pending)
      try await scene.mode("good", at: 0)
      #expect(try await scene.push("calendar")?.finding.state == .final)
    }
  }

  @Test func anAuthoritysStampIsFinal() async throws {
    try await with { scene in
      try await scene.addAuthority()
      let anchor = try #require(try await scene.node.anchorNow(at: "tsa", scene.transport))
      #expect(anchor.finding.state == .final && anchor.finding.time != nil)
      let found = try await scene.node.exchange.verifyAnchors(
        "tsa", using: scene.transport, as: scene.node.owner)
      #expect(found.verified && found.anchors.count == 1)
    }
  }

  @Test(arguments: [
    ("refuse", "the authority refuses to stamp (status 2)"),
    ("nonsense", "the time-stamp does not follow its format"),
    ("replay", "the authority has stamped something else"),
  ])
  func anAuthorityThatIsNoGoodIsNotBelieved(mode: String, reason: String) async throws {
    try await with { scene in
      try await scene.addAuthority()
      try await scene.node.anchorNow(at: "tsa", scene.transport)
      try await scene.mode(mode, at: 2)
      let waiting = try #require(try await scene.node.anchorNow(at: "tsa", scene.transport))
      #expect(waiting.finding.state == .pending && waiting.finding.reason == reason)
      try await scene.mode("good", at: 2)
      #expect(try await scene.push("tsa")?.finding.state == .final)
    }
  }

  @Test func anAuthorityThatNobodyTrustsIsNotBelieved() async throws {
    try await with { scene in
      try await scene.addAuthority(trust: "other.crt")
      let waiting = try #require(try await scene.node.anchorNow(at: "tsa", scene.transport))
      #expect(waiting.finding.state == .pending)
      #expect(
        waiting.finding.reason
          == "the time-stamp is not signed by an authority that is trusted for it")
    }
  }

  /// A provider that stalls keeps no other waiting, and each has its own schedule.
  @Test func providersDoNotWaitForOneAnother() async throws {
    try await with { scene in
      try await scene.addCalendar()
      try await scene.addAuthority()
      try await scene.mode("vanished", at: 0)
      _ = try await scene.node.exchange.workOnAnchors(using: scene.transport)
      #expect(try await scene.newest("tsa")?.finding.state == .final)
      #expect(try await scene.newest("calendar")?.isTaken == false)
      scene.node.clock.advance(seconds: 3600)
      try await scene.mode("good", at: 0)
      _ = try await scene.node.exchange.workOnAnchors(using: scene.transport)
      #expect(try await scene.newest("calendar")?.isTaken == true)
      let stamps = try await scene.node.exchange.anchors(of: "tsa", limit: 9, as: scene.node.owner)
      #expect(stamps.count == 1)
    }
  }
}
