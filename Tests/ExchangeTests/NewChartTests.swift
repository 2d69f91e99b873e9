import Audit
import Exchange
import Primitives
import Testing

/// A chart is made in the very transaction that stores its first records.
@Suite struct NewChartTests {
  @Test func aRefusedBundleLeavesNoChartBehind() async throws {
    let node = try await TestNode()
    let report = try await node.exchange.importJSON(
      Sample.json(
        """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"resource":{"resourceType":"Patient","id":"p"},
           "request":{"method":"PUT","url":"Patient/p"}},
          {"resource":{"resourceType":"Observation","subject":{"reference":"urn:uuid:dead"}},
           "request":{"method":"POST","url":"Observation"}}]}
        """), unresolved: .refuse, as: node.owner, progress: { _ in })
    #expect(report.stored == 0 && report.faultCount == 1)
    await #expect(throws: PeerChartError.self) {
      try await node.exchange.auditEvents(of: "p", before: nil, limit: 10, as: node.owner)
    }
    #expect(try await node.exchange.export(.all, as: node.owner) { _ in }.records == 0)
  }

  @Test func theFirstEntryAboutAPatientStandsUnderTheNewChart() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let events = try await node.exchange.auditEvents(
      of: "p", before: nil, limit: 10, as: node.owner)
    #expect(events.contains { $0.event.kind == .write && $0.event.patient == "Patient/p" })
    #expect(try await node.exchange.verifyAudit { _ in }.verified)
  }

  @Test func manyWhoWriteFirstAtTheSameTimeShareOneChart() async throws {
    let node = try await TestNode()
    let owner = node.owner
    let writers = 24
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<writers {
        group.addTask {
          _ = try await node.exchange.update(
            "Observation", id: "o\(number)", Sample.observation("o\(number)", of: "p"),
            expecting: .any, as: owner)
        }
      }
      try await group.waitForAll()
    }
    // A second chart of the same patient could not be found by its name.
    var records = 0
    _ = try await node.exchange.export(.patient("p"), as: owner) { records += $0.count }
    #expect(records == writers)
    for number in 0..<writers {
      let read = try await node.exchange.read("Observation", id: "o\(number)", as: owner)
      #expect(read.version == 1)
    }
  }
}
