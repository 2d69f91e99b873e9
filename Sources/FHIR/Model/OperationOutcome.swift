public import Primitives

/// Errors as a FHIR OperationOutcome (R4 2.34), the one form in which the FHIR API reports them.
public enum OperationOutcome {
  /// The outcome for errors, in their order; for none an outcome that says so, as FHIR asks for at
  /// least one issue.
  public static func tree(
    for errors: [PeerChartError], severity: Severity = .error
  ) -> JSONTree {
    let issues = errors.map { issue(for: $0, severity: severity) }
    let none: JSONTree = ["severity": "information", "code": "informational"]
    return ["resourceType": "OperationOutcome", "issue": .array(issues.isEmpty ? [none] : issues)]
  }

  /// The same as bytes.
  public static func bytes(for errors: [PeerChartError], severity: Severity = .error) -> [UInt8] {
    tree(for: errors, severity: severity).serialized()
  }

  /// `OperationOutcome.issue.severity`.
  public enum Severity: String, Sendable { case fatal, error, warning, information }

  private static func issue(for error: PeerChartError, severity: Severity) -> JSONTree {
    var members: [(String, JSONTree)] = [
      ("severity", .string(severity.rawValue)),
      ("code", .string(issueType(for: error.code))),
      ("details", ["text": .string(error.reason)]),
    ]
    if let place = error.place {
      members.append(("diagnostics", .string(place)))
      if let path = expression(in: place) { members.append(("expression", [.string(path)])) }
    }
    return .object(members)
  }

  /// The code of the value set `issue-type` nearest to an error.
  static func issueType(for code: PeerChartError.Code) -> String {
    switch code {
    case .malformed: "structure"
    case .tooLarge: "too-long"
    case .invalid: "invalid"
    case .unauthenticated: "login"
    case .forbidden: "forbidden"
    case .notFound: "not-found"
    case .gone: "deleted"
    case .conflict, .preconditionFailed: "conflict"
    case .multipleMatches: "multiple-matches"
    case .tooCostly: "too-costly"
    case .integrity: "security"
    case .storage: "no-store"
    case .unreachable: "transient"
    case .unsupportedVersion, .notSupported: "not-supported"
    default: "processing"
    }
  }

  /// The FHIRPath of a place, `Bundle.entry[17].resource.code` out of that and `, byte 812`; nil
  /// where the place is no path from a resource type.
  private static func expression(in place: String) -> String? {
    let path = place.prefix { $0 != "," }
    let root = path.prefix { $0 != "." && $0 != "[" }
    return ResourceType.isKnown(root) && !path.contains("?") ? String(path) : nil
  }
}
