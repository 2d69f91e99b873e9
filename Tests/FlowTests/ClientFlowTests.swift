import Foundation
import Testing

/// Programs that this project did not write use a node as any FHIR server.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct ClientFlowTests {
  @Test(arguments: FlowEngine.allCases)
  func otherPeoplesClients(engine: FlowEngine) async throws {
    let node = try await FlowNode(database: engine.cluster())
    try await node.serve()
    let token = try node.home.write("token", Array(try await node.token("--ttl", "1h").utf8))
    let outcome = try await Program.python(
      "check_clients.py", [node.url + "/fhir", node.ca, token])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
