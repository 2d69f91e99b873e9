import Foundation
import Testing

/// Programs and people that are known by certificates: made by `cryptography`, shown by `requests`, statements
/// signed by jwcrypto.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct CertificateFlowTests {
  private func run(_ node: FlowNode, _ what: String, _ more: String...) async throws
    -> Program.Outcome
  {
    let outcome = try await Program.python(
      "certified_app.py", [what, node.url, node.ca, node.home.path] + more)
    #expect(outcome.status == 0, "\(what): \(outcome.output)\(outcome.errors)")
    return outcome
  }

  @Test(arguments: FlowEngine.allCases)
  func membersOfACommunityAndServicesWithCertificates(engine: FlowEngine) async throws {
    let node = try await SMARTScene.node(engine)
    let made = try await Program.python("certified_app.py", ["make", node.home.path])
    #expect(made.status == 0, "\(made.errors)")
    _ = try await run(node, "strangers")
    let added = try await node.must(
      "client", "anchor", "add", "\(node.home.path)/community.pem")
    let anchor = try #require(added.lines.first?.split(separator: " ").first)
    let clients = try await run(node, "register").lines
    #expect(clients.count == 3)
    for client in clients {
      try await node.must("client", "approve", client, "--scope", "system/Observation.rs")
    }
    _ = try await run(node, "services")
    try await node.must("client", "anchor", "remove", String(anchor))
    _ = try await run(node, "ended")
    #expect(try await node.isLogClean())
  }

  @Test func aSmartCardSignsItsOwnerIn() async throws {
    let node = try await SMARTScene.node(.sqlite)
    let made = try await Program.python("certified_app.py", ["make", node.home.path])
    #expect(made.status == 0, "\(made.errors)")
    try await node.must("account", "anchor", "add", "\(node.home.path)/cards.pem")
    let code = try #require(try await node.must("account", "invite", "--patient", "p").lines.first)
    _ = try await run(node, "card", code)
    #expect(try await node.isLogClean())
  }
}
