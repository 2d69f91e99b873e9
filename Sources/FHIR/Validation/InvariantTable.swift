/// The invariants of R4 and US Core that are FHIRPath expressions.
///
/// `Scripts/generate-profile-table.py` writes the text in pairs of lines: id, `e` or `w` for the
/// severity and the rule in words; then, behind a space, the expression. An id is the key, with `~2`
/// where another invariant has the same key.
struct InvariantTable: Sendable {
  struct Invariant: Sendable {
    let key: String
    let severity: ValidationIssue.Severity
    let text: String
    let expression: String
  }

  static let standard = InvariantTable(parsing: text)

  private let byID: [String: Invariant]

  init(parsing text: StaticString) {
    var byID: [String: Invariant] = [:]
    var head: [Substring] = []
    for line in text.description.split(separator: "\n") {
      guard line.hasPrefix(" ") else {
        head = line.split(separator: " ", maxSplits: 2)
        continue
      }
      guard head.count == 3, let key = head[0].split(separator: "~").first else { continue }
      byID[String(head[0])] = Invariant(
        key: String(key), severity: head[1] == "e" ? .error : .warning, text: String(head[2]),
        expression: String(line.dropFirst()))
    }
    self.byID = byID
  }

  func invariant(_ id: String) -> Invariant? { byID[id] }

  var all: [Invariant] { byID.keys.sorted().compactMap { byID[$0] } }
}
