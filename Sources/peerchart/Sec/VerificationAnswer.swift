import Exchange
import Primitives

/// What `sec verify` and `sec open` tell programs.
struct VerificationAnswer: Encodable {
  struct Check: Encodable {
    let name: String
    let state: String
    let text: String
    let required: Bool
  }

  let verified: Bool
  let digest: String?
  let issuer: String?
  let issuerName: String?
  let subject: String?
  let documentType: String?
  let mediaType: String?
  let created: String?
  let contentLength: UInt64?
  let checks: [Check]
  let output: String?

  init(_ verification: DocumentVerification, output: String? = nil) {
    verified = verification.isVerified
    digest = verification.digest
    issuer = verification.issuer
    issuerName = verification.issuerName
    subject = verification.subject
    documentType = verification.documentType
    mediaType = verification.mediaType
    created = verification.created
    contentLength = verification.contentLength
    checks = verification.checks.map {
      Check(name: $0.name, state: $0.state.rawValue, text: $0.text, required: $0.required)
    }
    self.output = output
  }

  /// A document that does not even open.
  init(unopened error: PeerChartError) {
    verified = false
    digest = nil
    issuer = nil
    issuerName = nil
    subject = nil
    documentType = nil
    mediaType = nil
    created = nil
    contentLength = nil
    checks = [Check(name: "opens", state: "fails", text: error.text, required: true)]
    output = nil
  }

  /// In words, one line for each check.
  var lines: [String] {
    let facts = [
      ("issuer", issuerName ?? issuer), ("about", subject), ("kind", documentType),
      ("content", mediaType.map { "\($0), \(contentLength ?? 0) bytes" }), ("made", created),
      ("document", digest),
    ]
    let head = facts.compactMap { name, value in
      value.map { "  \(name)\(String(repeating: " ", count: 10 - name.count))\($0)" }
    }
    let marks = ["holds": "ok     ", "fails": "FAILS  ", "unknown": "unknown"]
    let body = checks.map { check in
      "  \(marks[check.state] ?? check.state)  \(check.name): \(check.text)"
    }
    return [verified ? "Verified." : "NOT VERIFIED."] + head + body
  }
}
