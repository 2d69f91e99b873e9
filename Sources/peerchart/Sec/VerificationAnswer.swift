import Exchange

/// What `sec verify` and `sec open` tell people and programs.
struct VerificationAnswer: Encodable {
  let verification: Verification
  /// Where the content was written.
  var output: String?

  private enum Member: String, CodingKey { case output }

  func encode(to encoder: any Encoder) throws {
    try verification.encode(to: encoder)
    guard let output else { return }
    var members = encoder.container(keyedBy: Member.self)
    try members.encode(output, forKey: .output)
  }

  /// In words, one line for each check.
  var lines: [String] {
    let facts = [
      ("issuer", verification.issuerName ?? verification.issuer), ("about", verification.subject),
      ("kind", verification.documentType),
      ("content", verification.mediaType.map { "\($0), \(verification.contentLength ?? 0) bytes" }),
      ("made", verification.created), ("document", verification.digest),
    ]
    let head = facts.compactMap { name, value in
      value.map { "  \(name)\(String(repeating: " ", count: 10 - name.count))\($0)" }
    }
    let body = verification.checks.map { check in
      "  \(Self.mark(check.state))  \(check.name.rawValue): \(check.text)"
    }
    return [Self.heading(verification.verdict), verification.sentence] + head + body
  }

  private static func heading(_ verdict: Verification.Verdict) -> String {
    switch verdict {
    case .verified: "Verified."
    case .notVerified, .unknown: "NOT VERIFIED."
    case .revoked: "REVOKED."
    case .superseded: "REPLACED."
    }
  }

  private static func mark(_ state: Verification.Check.State) -> String {
    switch state {
    case .holds: "ok     "
    case .fails: "FAILS  "
    case .unknown: "unknown"
    }
  }
}
