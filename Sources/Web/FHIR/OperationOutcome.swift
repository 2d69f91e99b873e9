import FHIR

/// FHIR's way to tell how something went (R4 OperationOutcome).
enum OperationOutcome {
  static func error(issue: String, text: String, place: String?) -> JSONTree {
    one(severity: "error", code: issue, text: text, place: place)
  }

  static func information(_ text: String) -> JSONTree {
    one(severity: "information", code: "informational", text: text, place: nil)
  }

  private static func one(severity: String, code: String, text: String, place: String?) -> JSONTree {
    var issue: [(String, JSONTree)] = [
      ("severity", .string(severity)), ("code", .string(code)),
      ("details", .object([("text", .string(text))])),
    ]
    if let place {
      // `expression` holds FHIRPath only; a byte offset or the name of a header is for people.
      if isPath(place) {
        issue.append(("expression", .array([.string(place)])))
      } else {
        issue.append(("diagnostics", .string(place)))
      }
    }
    return .object([
      ("resourceType", "OperationOutcome"), ("issue", .array([.object(issue)])),
    ])
  }

  /// Whether a place is a simple FHIRPath that starts at a resource: `Bundle.entry[17].resource.code`.
  private static func isPath(_ place: String) -> Bool {
    guard let first = place.utf8.first, (65...90).contains(first) else { return false }
    return place.utf8.allSatisfy { byte in
      switch byte {
      case 46, 91, 93, 48...57, 65...90, 95, 97...122: true
      default: false
      }
    }
  }
}
