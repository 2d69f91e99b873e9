import Foundation
import Testing

/// Apps that are opened out of a session, and apps that may see some records of a type.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct SMARTLaunchFlowTests {
  @Test(arguments: FlowEngine.allCases)
  func anAppIsOpenedForAChartAndSeesWhatItsQueriesSay(engine: FlowEngine) async throws {
    let node = try await SMARTScene.node(engine)
    let client = try await offered(node)
    let code = try #require(try await node.must("account", "invite", "--patient", "p").lines.first)
    let person = try await Program.python(
      "launch_app.py", ["launch", node.url, node.ca, code, "p", client])
    #expect(person.status == 0, "\(person.output)\(person.errors)")
    try await node.must("client", "offer", client, "--withdraw")
    #expect(try await node.isLogClean())
  }

  @Test func oneOfTheStaffOpensAnAppForOneChart() async throws {
    let node = try await SMARTScene.node(.sqlite, kind: "organization")
    let client = try await offered(node)
    let code = try #require(
      try await node.must("account", "invite", "--role", "clinician").lines.first)
    let session = "\(node.home.path)/session"
    let opened = try await Program.python(
      "launch_app.py", ["open", node.url, node.ca, code, session])
    #expect(opened.status == 0, "\(opened.output)\(opened.errors)")
    let listed = try await node.must("account", "list", "--json")
    let json = try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [String: Any]
    let accounts = json?["accounts"] as? [[String: Any]]
    let account = try #require(accounts?.first?["id"] as? String)
    for patient in ["p", "q"] {
      try await node.must("account", "assign", account, "--patient", patient)
    }
    let staff = try await Program.python(
      "launch_app.py", ["clinician", node.url, node.ca, session, "p", "q", client])
    #expect(staff.status == 0, "\(staff.output)\(staff.errors)")
    #expect(try await node.isLogClean())
  }

  /// An app that registered where it is opened. Registering alone puts it on nobody's page.
  private func offered(_ node: FlowNode) async throws -> String {
    let registered = try await Program.python("launch_app.py", ["register", node.url, node.ca])
    let client = try #require(registered.lines.first, "\(registered.errors)")
    try await node.must("client", "offer", client)
    return client
  }
}
