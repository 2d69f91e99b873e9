import Foundation
import Testing

/// People open accounts and let apps in: the apps are fhirclient, which this project did not write.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct SMARTFlowTests {
  private static let observation = """
    {"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-01-10"}
    """

  @Test(arguments: FlowEngine.allCases)
  func aPersonLetsAnAppInAndAnAdministratorAService(engine: FlowEngine) async throws {
    let node = try await FlowNode(database: engine.cluster())
    let patient = #"{"resourceType":"Patient","id":"p","birthDate":"1990-05-01"}"#
    _ = try await node.take("patient.json", Array(patient.utf8))
    _ = try await node.take("observation.json", Array(Self.observation.utf8))
    try await node.serve()
    let invited = try await node.must("account", "invite", "--patient", "p")
    let code = try #require(invited.lines.first)
    let person = try await Program.python(
      "smart_app.py", ["person", node.url, node.ca, code, "p"])
    #expect(person.status == 0, "\(person.output)\(person.errors)")

    let file = "\(node.home.path)/service.json"
    let registered = try await Program.python(
      "smart_app.py", ["register", node.url, node.ca, file])
    let client = try #require(registered.lines.first, "\(registered.errors)")
    try await node.must("client", "approve", client, "--scope", "system/Observation.rs")
    let service = try await Program.python("smart_app.py", ["service", node.url, node.ca, file])
    #expect(service.status == 0, "\(service.output)\(service.errors)")
    try await node.must("client", "remove", client)
    let removed = try await Program.python("smart_app.py", ["service", node.url, node.ca, file])
    #expect(removed.status == 1 && removed.errors.contains("an approved service gets a token"))
    #expect(try await node.isLogClean())
  }
}
