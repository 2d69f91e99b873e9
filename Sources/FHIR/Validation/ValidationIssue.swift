/// One thing that a validator has to say about a resource (R4 OperationOutcome.issue).
public struct ValidationIssue: Hashable, Sendable {
  /// Whether the resource breaks a rule, or only deserves a remark.
  public enum Severity: String, Sendable { case error, warning, information }

  /// The code of the value set `issue-type` that fits.
  public enum Kind: String, Sendable {
    case structure, required, value, invariant, `extension`
    case codeInvalid = "code-invalid"
    case notFound = "not-found"
    case notSupported = "not-supported"
    case tooCostly = "too-costly"
    case informational
  }

  public let severity: Severity
  public let kind: Kind
  /// Where: a FHIRPath of element names and indices, `Patient.name[0].family`.
  public let expression: String
  /// What, for people; never holds a value of the resource.
  public let text: String
  /// The key of the constraint that is broken (`pat-1`), where there is one.
  public let key: String?
  /// The canonical URL and version of the profile that asks for it; nil for R4 itself.
  public let profile: String?
}

extension OperationOutcome {
  /// The outcome of a validation; one without issues says that all is well.
  public static func tree(for issues: [ValidationIssue]) -> JSONTree {
    guard !issues.isEmpty else {
      return [
        "resourceType": "OperationOutcome",
        "issue": [
          [
            "severity": "information", "code": "informational",
            "details": ["text": "no issues were found"],
          ]
        ],
      ]
    }
    let trees = issues.map { issue -> JSONTree in
      var members: [(String, JSONTree)] = [
        ("severity", .string(issue.severity.rawValue)), ("code", .string(issue.kind.rawValue)),
        ("details", ["text": .string(issue.text)]),
      ]
      let rule = [issue.key, issue.profile].compactMap { $0 }.joined(separator: " of ")
      if !rule.isEmpty { members.append(("diagnostics", .string(rule))) }
      members.append(("expression", [.string(issue.expression)]))
      return .object(members)
    }
    return ["resourceType": "OperationOutcome", "issue": .array(trees)]
  }
}
