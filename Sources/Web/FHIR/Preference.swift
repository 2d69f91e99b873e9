import FHIR

/// What the caller prefers (`Prefer`, RFC 7240 and R4 3.1.0.1.7). What is not known is ignored, and of
/// a repeated preference the first counts.
package struct Preference: Sendable, Equatable {
  package enum Return: String, Sendable {
    case minimal
    case representation
    case operationOutcome = "operationoutcome"
  }

  /// What a write gives back; nil if the caller does not say.
  package private(set) var returns: Return?
  /// `respond-async`: the answer may come later, at another address (RFC 7240 section 4.1).
  package private(set) var isAsync = false
  /// Whether an unknown search parameter is an error. FHIR leaves the default to the server; here it
  /// is strict, because a filter that is silently dropped discloses more than was asked for.
  package private(set) var isStrict = true

  package init(_ header: String?) {
    guard let header else { return }
    var hasHandling = false
    for part in header.lowercased().split(whereSeparator: { $0 == "," || $0 == ";" }) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
        $0.trimmingSpaces()
      }
      if sides[0] == "respond-async" { isAsync = true }
      guard sides.count == 2 else { continue }
      let value = String(sides[1].filter { $0 != "\"" })
      switch sides[0] {
      case "return" where returns == nil: returns = Return(rawValue: value)
      case "handling" where !hasHandling && (value == "strict" || value == "lenient"):
        isStrict = value == "strict"
        hasHandling = true
      default: continue
      }
    }
  }
}
