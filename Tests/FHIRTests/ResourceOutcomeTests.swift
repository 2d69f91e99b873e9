import FHIR
import Primitives
import Testing

@Suite struct ResourceOutcomeTests {
  @Test func saysWhatAndWhere() {
    let errors = [
      PeerChartError(.malformed, "bad", place: "Bundle.entry[17].resource.code, byte 812"),
      PeerChartError(.tooLarge, "long", place: "byte 3"),
      PeerChartError(.notFound, "none"),
    ]
    #expect(
      String(decoding: OperationOutcome.bytes(for: errors), as: UTF8.self)
        == #"{"resourceType":"OperationOutcome","issue":["#
        + #"{"severity":"error","code":"structure","details":{"text":"bad"},"#
        + #""diagnostics":"Bundle.entry[17].resource.code, byte 812","#
        + #""expression":["Bundle.entry[17].resource.code"]},"#
        + #"{"severity":"error","code":"too-long","details":{"text":"long"},"diagnostics":"byte 3"},"#
        + #"{"severity":"error","code":"not-found","details":{"text":"none"}}]}"#)
  }

  /// Every code is one of the value set http://hl7.org/fhir/ValueSet/issue-type.
  @Test func codesAreThoseOfFHIR() {
    let expected: [(PeerChartError.Code, String)] = [
      (.invalid, "invalid"), (.unauthenticated, "login"), (.forbidden, "forbidden"),
      (.gone, "deleted"), (.conflict, "conflict"), (.integrity, "security"),
      (.storage, "no-store"), (.unreachable, "transient"), (.unsupportedVersion, "not-supported"),
      (.notSupported, "not-supported"), (.init("something-new"), "processing"),
    ]
    for (code, type) in expected {
      let outcome = OperationOutcome.tree(for: [PeerChartError(code, "x")], severity: .warning)
      let issue: JSONTree = [
        "severity": "warning", "code": .string(type), "details": ["text": "x"],
      ]
      #expect(outcome == ["resourceType": "OperationOutcome", "issue": [issue]])
    }
  }

  @Test func noErrorIsAnInformation() {
    #expect(
      OperationOutcome.tree(for: [PeerChartError]()) == [
        "resourceType": "OperationOutcome",
        "issue": [["severity": "information", "code": "informational"]],
      ])
  }
}
