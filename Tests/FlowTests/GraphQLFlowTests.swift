import Foundation
import Testing

/// GraphQL over HTTP, as its clients speak it.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct GraphQLFlowTests {
  private func node() async throws -> (FlowNode, Curl) {
    let node = try await FlowNode()
    _ = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
    try await node.serve()
    return (node, Curl(node: node, token: try await node.token()))
  }

  @Test func itIsAskedByGetAndPost() async throws {
    let (node, curl) = try await node()
    let expected = #"{"data":{"Patient":{"id":"p"}}}"#
    let get = try await curl("GET", "/fhir/$graphql?query=%7BPatient(id:p)%7Bid%7D%7D")
    #expect(get.status == 200 && get.body == expected)
    #expect(get.fields["content-type"] == "application/json")
    #expect(get.fields["cache-control"] == "no-store")
    let json = try await curl(
      "POST", "/fhir/$graphql",
      #"{"query":"query q($id: ID!) { Patient(id: $id) { id } }","variables":{"id":"p"},"operationName":"q"}"#,
      type: "application/json; charset=utf-8")
    #expect(json.status == 200 && json.body == expected)
    let bare = try await curl(
      "POST", "/fhir/$graphql", "{ Patient(id: p) { id } }", type: "application/graphql")
    #expect(bare.status == 200 && bare.body == expected)
    let variables = try await curl(
      "GET",
      "/fhir/$graphql?query=query(%24id:ID)%7BPatient(id:%24id)%7Bid%7D%7D&variables=%7B%22id%22:%22p%22%7D"
    )
    #expect(variables.status == 200 && variables.body == expected)
    let instance = try await curl("GET", "/fhir/Patient/p/$graphql?query=%7Bid%7D")
    #expect(instance.status == 200 && instance.body == #"{"data":{"id":"p"}}"#)
    let metadata = try await curl("GET", "/fhir/metadata")
    #expect(metadata.body.contains(#""name":"graphql""#))
    #expect(try await node.isLogClean())
  }

  /// What is wrong with the query is told as GraphQL tells it; what is no GraphQL as FHIR does.
  @Test func whatIsWrongIsSaidInItsForm() async throws {
    let (node, curl) = try await node()
    for (query, status, code) in [
      ("{", 400, "malformed"), ("{ nothing }", 400, "invalid"),
      ("mutation { a }", 501, "not-supported"), ("{ __schema { a } }", 501, "not-supported"),
      ("{ Patient(id: nobody) { id } }", 404, "not-found"),
    ] {
      let answer = try await curl("POST", "/fhir/$graphql", query, type: "application/graphql")
      #expect(answer.status == status, "\(query): \(answer.body)")
      let errors = answer.json?["errors"] as? [[String: Any]]
      let extensions = errors?.first?["extensions"] as? [String: Any]
      #expect(extensions?["code"] as? String == code)
      #expect(
        (extensions?["resource"] as? [String: Any])?["resourceType"] as? String
          == "OperationOutcome")
      #expect(answer.json?["data"] is NSNull)
    }
    let half = try await curl(
      "POST", "/fhir/$graphql", "{ a: Patient(id: p) { id } b: Patient(id: nobody) { id } }",
      type: "application/graphql")
    #expect(half.status == 200 && half.body.contains(#""data":{"a":{"id":"p"},"b":null}"#))
    for (method, path, body, type, status) in [
      ("POST", "/fhir/$graphql", "{}", "application/json", 400),
      ("POST", "/fhir/$graphql", "{", "application/json", 400),
      ("POST", "/fhir/$graphql", "{ a }", "text/plain", 415),
      ("POST", "/fhir/$graphql", #"{"resourceType":"Parameters"}"#, "application/fhir+json", 415),
      ("POST", "/fhir/$graphql?query=x", #"{"query":"{a}"}"#, "application/json", 400),
      (
        "POST", "/fhir/$graphql", String(repeating: " ", count: 200_000), "application/graphql", 413
      ),
      ("GET", "/fhir/$graphql", nil, nil, 400),
      ("GET", "/fhir/$graphql?query=a&query=b", nil, nil, 400),
      ("GET", "/fhir/$graphql?query=a&variables=%7B", nil, nil, 400),
      ("GET", "/fhir/$graphql?query=a&extra=b", nil, nil, 400),
      ("GET", "/fhir/Patient/$graphql?query=a", nil, nil, 501),
      ("DELETE", "/fhir/$graphql", nil, nil, 405),
    ] as [(String, String, String?, String?, Int)] {
      let answer = try await curl(method, path, body, type: type)
      #expect(answer.status == status, "\(method) \(path): \(answer.status) \(answer.body)")
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome", "\(path)")
    }
    let nobody = try await Curl(node: node)(
      "GET", "/fhir/$graphql?query=%7BPatient(id:p)%7Bid%7D%7D")
    #expect(nobody.status == 401 && nobody.json?["resourceType"] as? String == "OperationOutcome")
  }
}
