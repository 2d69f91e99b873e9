extension Verification {
  /// One sentence for people: the verdict, and why.
  public var sentence: String {
    let what = kind.words
    let source = issuerName ?? issuer.map { "node \($0.prefix(16))" }
    switch verdict {
    case .verified:
      let open = checks.filter { $0.state == .unknown }.map(\.name.words)
      let head = source.map { "This \(what) is genuine and comes from \($0)" }
      let known = head ?? "This \(what) is genuine"
      return open.isEmpty
        ? "\(known)." : "\(known); not known here: \(open.joined(separator: ", "))."
    case .notVerified:
      let reasons = checks.filter { $0.required && $0.state == .fails }.map(\.text)
      return "Do not rely on this \(what): \(reasons.joined(separator: " "))"
    case .unknown:
      let reasons = checks.filter { $0.required && $0.state == .unknown }.map(\.text)
      return
        "Whether this \(what) is genuine cannot be told here: \(reasons.joined(separator: " "))"
    case .revoked:
      return "Do not rely on this \(what): \(source ?? "its issuer") revoked it\(sinceWords)."
    case .superseded:
      return "Do not rely on this \(what): \(source ?? "its issuer") replaced it\(sinceWords)."
    }
  }

  private var sinceWords: String { since.map { " on \($0)" } ?? "" }
}

extension Verification.Kind {
  /// In a sentence.
  public var words: String {
    switch self {
    case .document: "document"
    case .entry: "log entry"
    case .grant: "consent"
    case .revocation: "revocation"
    case .checkpoint: "state of a log"
    case .healthCard: "health card"
    }
  }
}

extension Verification.Check.Name {
  /// In a list of what is not known.
  public var words: String {
    switch self {
    case .opens: "its content"
    case .signature: "its signature"
    case .issuer: "its issuer"
    case .accreditation: "the issuer's accreditation"
    case .inclusion: "whether it is in the issuer's log"
    case .witnesses: "who witnessed the log"
    case .anchors: "outside anchors"
    case .revocation: "whether it was revoked"
    case .supersession: "whether it was replaced"
    }
  }
}
