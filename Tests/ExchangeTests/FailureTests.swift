import Consent
import Exchange
import FHIR
import Foundation
import GRDB
import Node
import Primitives
import Testing

/// Where something fails that a decision rests on, nothing is let out.
@Suite struct FailureTests {
  private func run(_ statements: String..., on node: TestNode) async throws {
    let queue = try DatabaseQueue(path: node.folder.path + "/store/node.sqlite")
    try await queue.writeWithoutTransaction { db in
      for statement in statements { try db.execute(sql: statement) }
    }
  }

  /// The log, the consents' charts, the keys: each of them gone for a while.
  @Test(arguments: ["audit", "chart", "data_key"])
  func withoutItNothingIsReleased(table: String) async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: .all)
    let peer = try await home.peer(hospital)
    try await home.reopen()
    try await run("ALTER TABLE \(table) RENAME TO away", on: home)
    for caller in [peer, home.owner] {
      let read = await failure {
        try await home.exchange.read("Observation", id: "lab", as: caller)
      }
      let search = await failure {
        try await home.exchange.search(
          "Observation", query: [("patient", "p")], strict: true, as: caller)
      }
      let graph = await failure {
        let answer = try await home.exchange.graphQL(
          GraphQLRequest(query: "{ Observation(id: lab) { id } }"), as: caller)
        #expect(!answer.hasData && !String(decoding: answer.bytes, as: UTF8.self).contains("lab"))
        throw PeerChartError(.storage, "nothing was released")
      }
      for error in [read, search, graph] {
        let error = try #require(error)
        #expect(error.code == .storage || error.code == .integrity, "\(table): \(error)")
        #expect(!error.reason.contains(table) && !error.reason.contains("SELECT"))
      }
    }
    try await run("ALTER TABLE away RENAME TO \(table)", on: home)
    #expect(
      await outcome { try await home.exchange.read("Observation", id: "lab", as: peer) } == "ok")
  }
}
