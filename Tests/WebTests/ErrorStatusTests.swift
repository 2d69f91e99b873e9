import FHIR
import Primitives
import Testing
import Web

@Suite("What an error is in HTTP")
struct ErrorStatusTests {
  typealias Circumstances = ErrorStatus.Circumstances

  static let table: [(String, Int)] = [
    ("malformed", 400), ("invalid", 400), ("unauthenticated", 401), ("forbidden", 403),
    ("not-found", 404), ("method-not-allowed", 405), ("not-acceptable", 406),
    ("request-timeout", 408), ("conflict", 409), ("gone", 410), ("chart-destroyed", 410),
    ("too-large", 413), ("unsupported-media-type", 415), ("unsupported-version", 422),
    ("integrity", 500), ("not-supported", 501), ("unreachable", 502), ("storage", 503),
    ("precondition-failed", 412),
    ("multiple-matches", 412), ("too-costly", 400), ("sec-signature", 400), ("sec-truncated", 400),
  ]

  @Test("Each code has its status and words for it", arguments: table)
  func status(code: String, status: Int) {
    #expect(ErrorStatus.status(of: PeerChartError.Code(code)) == status)
    #expect(status == 500 || ErrorStatus.title(status) != ErrorStatus.title(500))
  }

  @Test("The request's circumstances change two of them")
  func circumstances() {
    let content = Circumstances(hasContent: true)
    let message = Circumstances(isFromPeer: true)
    #expect(ErrorStatus.status(of: .invalid, in: content) == 422)
    #expect(ErrorStatus.status(of: .integrity, in: message) == 422)
    #expect(ErrorStatus.status(of: .malformed, in: content) == 400)
    #expect(ErrorStatus.status(of: .forbidden, in: content) == 403)
  }

  struct Surprise: Error { let secret = "Mrs. Example" }

  @Test("Of an unexpected error nothing is told")
  func unexpected() throws {
    for error: any Error in [
      Surprise(), PeerChartError(PeerChartError.Code("stale-decision"), "inner workings"),
    ] {
      let report = ErrorReport(error, in: Circumstances(), requestID: "77-1")
      #expect(report.status == 500)
      let texts = [report.problem, report.operationOutcome].map {
        String(decoding: $0, as: UTF8.self)
      }
      for text in texts {
        #expect(!text.contains("Example") && !text.contains("inner"))
        #expect(text.contains("77-1"))
      }
    }
  }

  @Test("A problem has the members of RFC 9457 and ours")
  func problem() throws {
    let error = PeerChartError(.forbidden, "say \"please\"", place: "Consent.provision")
    let report = ErrorReport(error, in: Circumstances(), requestID: "77-2")
    let root = try JSONDocument(parsing: report.problem).root
    #expect(root["type"]?.string == "about:blank")
    #expect(root["title"]?.string == "Forbidden")
    #expect(root["status"]?.numberLiteral == "403")
    #expect(root["detail"]?.string == "say \"please\"")
    #expect(root["code"]?.string == "forbidden")
    #expect(root["place"]?.string == "Consent.provision")
    #expect(root["request"]?.string == "77-2")
  }

  @Test(
    "An OperationOutcome has FHIR's code",
    arguments: [
      ("forbidden", "forbidden"), ("method-not-allowed", "not-supported"),
      ("unsupported-media-type", "not-supported"), ("chart-destroyed", "deleted"),
      ("sec-chunk", "structure"), ("gone", "deleted"),
    ])
  func outcome(code: String, issueType: String) throws {
    let error = PeerChartError(PeerChartError.Code(code), "a reason", place: "Patient.name[0]")
    let report = ErrorReport(error, in: Circumstances(), requestID: "77-3")
    let root = try JSONDocument(parsing: report.operationOutcome).root
    let issue = try #require(root["issue"]?[0])
    #expect(root["resourceType"]?.string == "OperationOutcome")
    #expect(issue["code"]?.string == issueType)
    #expect(issue["details"]?["text"]?.string == "a reason")
    #expect(issue["expression"]?[0]?.string == "Patient.name[0]")
  }
}
