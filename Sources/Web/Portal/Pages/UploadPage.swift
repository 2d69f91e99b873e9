/// Bringing a file of records into one's own chart, and what became of it.
package struct UploadPage: PageModel {
  package static let template = "upload"

  /// What became of a file, in records.
  package struct Outcome: Sendable {
    package var added: Int
    /// Were there already, to the byte.
    package var known: Int
    /// Are in nobody's chart.
    package var leftOut: Int
    package var refused: Int
    /// The first of those that were refused.
    package var faults: [(place: String, reason: String)]

    package init(
      added: Int, known: Int, leftOut: Int, refused: Int,
      faults: [(place: String, reason: String)]
    ) {
      self.added = added
      self.known = known
      self.leftOut = leftOut
      self.refused = refused
      self.faults = faults
    }
  }

  package var outcome: Outcome?
  /// A key of the table of words.
  package var error: String?

  package init(outcome: Outcome? = nil, error: String? = nil) {
    self.outcome = outcome
    self.error = error
  }

  package func title(_ strings: PortalStrings) -> String { strings["upload.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var content: PageObject = ["error": .maybe(error.map { strings[$0] })]
    if let outcome {
      let counts = [
        ("added", outcome.added), ("known", outcome.known), ("left_out", outcome.leftOut),
        ("refused", outcome.refused),
      ].filter { $0.0 == "added" || $0.1 > 0 }
      content["outcome"] = .object([
        "counts": .objects(
          counts.map { name, count in
            ["name": .text(strings["upload.\(name)"]), "count": .number(count)]
          }),
        "hasFaults": .flag(!outcome.faults.isEmpty),
        "faults": .objects(
          outcome.faults.map { ["place": .text($0.place), "reason": .text($0.reason)] }),
      ])
    }
    return content
  }
}
