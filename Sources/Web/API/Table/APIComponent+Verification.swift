import Exchange

extension APIComponent {
  private static let fact = JSONSchema.text(.anything)

  /// The shapes of verifying.
  var verificationSchema: JSONSchema {
    switch self {
    case .verificationRequest:
      .object([
        .may(
          "document",
          .text(TextRule(nil, 1...(Exchange.longestDropped + 2) / 3 * 4)),
          "A .sec document or a proof, in base64 (RFC 4648 section 4)."),
        .may(
          "proof", .text(TextRule(nil, 1...Exchange.longestDroppedProof)),
          "A proof as the text that it is, in place of document."),
        .may("passphrase", .text(TextRule(nil, 1...1024, format: .password)), "Of the document."),
      ])
    default:
      .object([
        .must(
          "kind",
          .word(Verification.Kind.allCases.map(\.rawValue))),
        .must("verdict", .word(Verification.Verdict.allCases.map(\.rawValue))),
        .must("verified", .flag, "Whether the verdict is verified."),
        .must("sentence", Self.fact, "The verdict and why, for people."),
        .may("digest", Self.fact), .may("issuer", Self.fact, "By its own word: a node's id."),
        .may("issuerName", Self.fact, "Where it is known here."), .may("subject", Self.fact),
        .may("documentType", Self.fact), .may("mediaType", Self.fact), .may("created", Self.fact),
        .may("contentLength", .integer(0...1 << 48)),
        .may("since", Self.fact, "When it was revoked or replaced."),
        .must(
          "checks",
          .list(
            .object([
              .must("name", .word(Verification.Check.Name.allCases.map(\.rawValue))),
              .must("state", .word(Verification.Check.State.allCases.map(\.rawValue))),
              .must("required", .flag, "Whether the verdict needs it to hold."),
              .must("text", Self.fact, "What was found, for people."),
              .may("code", Self.fact, "Why the state is what it is, for programs."),
            ]), 1...20)),
      ])
    }
  }
}
