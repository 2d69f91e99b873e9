import Exchange
import FHIR
import Primitives
import Testing
import Web

@Suite("Entries of response Bundles")
struct BundleEntryTests {
  @Test("A refused entry has its status and an outcome; one that was not there has no content")
  func refused() throws {
    let base = try BaseURL(configured: "https://node.example")
    let error = PeerChartError(
      .invalid, "a reference leads nowhere", place: "Bundle.entry[1].resource.subject")
    var writer = BundleWriter(.batchResponse)
    var bytes = writer.opening
    bytes += writer.entry(outcome: .absent, base: base, withResources: true, requestID: "1-1")
    bytes += writer.entry(
      outcome: .refused(error), base: base, withResources: true, requestID: "1-1")
    bytes += writer.closing
    let root = try JSONDocument(parsing: bytes).root
    #expect(root["type"]?.string == "batch-response")
    #expect(root["entry"]?[0]?["response"]?["status"]?.string == "204 No Content")
    let response = try #require(root["entry"]?[1]?["response"])
    #expect(response["status"]?.string == "422 Unprocessable Content")
    let issue = try #require(response["outcome"]?["issue"]?[0])
    #expect(issue["expression"]?[0]?.string == "Bundle.entry[1].resource.subject")
  }
}
