import Consent
import Exchange
import FHIR
import Primitives
import Testing

@Suite struct HistoryTests {
  private func everything(
    _ node: TestNode, _ type: String?, since: Instant? = nil, as caller: Caller, count: Int = 3
  ) async throws -> [String] {
    var all: [String] = []
    var cursor: String?
    repeat {
      let page = try await node.exchange.history(
        type, since: since, cursor: cursor, count: count, query: [], as: caller)
      #expect(page.resources.count <= count)
      all += page.resources.map { "\($0.type)/\($0.id)/\($0.version)\($0.isDeleted ? "-" : "")" }
      cursor = page.next
    } while cursor != nil
    return all
  }

  @Test func itListsWhatWasStoredNewestFirst() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("a", of: "p"))
    node.clock.advance(seconds: 60)
    let later = node.clock.now()
    try await node.store(Sample.observation("a", of: "p", value: "2"))
    _ = try await node.exchange.delete("Observation", id: "a", expecting: .any, as: node.owner)
    let owner = node.owner
    #expect(
      try await everything(node, nil, as: owner)
        == ["Observation/a/3-", "Observation/a/2", "Observation/a/1", "Patient/p/1"])
    #expect(try await everything(node, "Patient", as: owner) == ["Patient/p/1"])
    #expect(
      try await everything(node, "Observation", since: later, as: owner, count: 1)
        == ["Observation/a/3-", "Observation/a/2"])
    #expect(await outcome { try await everything(node, "Nothing", as: owner) } == "not-found")
  }

  @Test func itHoldsWhatTheCallerMayRead() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.labResults])
    let peer = try await home.peer(hospital)
    #expect(try await everything(home, nil, as: peer) == ["Observation/lab/1"])
    #expect(try await everything(home, "AllergyIntolerance", as: peer) == [])
    let page = try await home.exchange.history(
      nil, since: nil, cursor: nil, count: 1, query: [], as: home.owner)
    let cursor = try #require(page.next)
    #expect(
      await outcome {
        try await home.exchange.history(
          nil, since: nil, cursor: cursor, count: 1, query: [], as: peer)
      } == "invalid")
  }
}
