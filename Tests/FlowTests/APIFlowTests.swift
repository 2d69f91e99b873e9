import Foundation
import Testing

/// Two people's programs at the REST API of the program as it ships, and schemathesis, which this project
/// did not write, over its OpenAPI document.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct APIFlowTests {
  /// How many cases are made up: ten thousand in the long form of the tests.
  private static let cases = Program.isFull ? 10_000 : 1_000

  @Test(
    "Schemathesis finds nothing: no 5xx, no breach of the document, no way around a token or to another's record"
  )
  func madeUpRequests() async throws {
    let node = try await FlowNode()
    let patients = ["juniper": "1990-05-01", "rowan": "1988-02-03"]
    for (id, born) in patients.sorted(by: { $0.key < $1.key }) {
      let patient = #"{"resourceType":"Patient","id":"\#(id)","birthDate":"\#(born)"}"#
      _ = try await node.take("\(id).json", Array(patient.utf8))
    }
    let provider =
      #"{"resourceType":"Organization","id":"provider-123","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}]}"#
    _ = try await node.take("provider.json", Array(provider.utf8))
    try await node.serve()
    var codes: [String] = []
    // The third signs out while the others go on.
    for patient in ["juniper", "rowan", "rowan"] {
      let invited = try await node.must("account", "invite", "--patient", patient)
      codes.append(try #require(invited.lines.first))
    }
    let checked = try await Program.python(
      "api_cases.py", [node.url, node.ca, String(Self.cases)] + codes, within: 3600)
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    print(checked.lines.last ?? "")
    #expect(try await node.isLogClean())
  }
}
