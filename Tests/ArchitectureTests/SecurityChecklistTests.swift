import Foundation
import Testing

/// `docs/security/asvs.md` keeps its word: each line of the checklist has a row, each test that a row
/// names is there, and at least 85 of 90 are answered by a test.
@Suite struct SecurityChecklistTests {
  struct Row {
    let number: String
    let about: String
    let answer: String
    let tests: [String]
  }

  private static func rows() throws -> [Row] {
    let text = try String(
      contentsOf: Repository.root.appending(path: "docs/security/asvs.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard cells.count == 6, cells[1].wholeMatch(of: /V\d+\.\d+\.\d+/) != nil else { return nil }
      let tests = cells[4].matches(of: /`([A-Za-z]+)\.([A-Za-z0-9]+)`/).map {
        "\($0.output.1).\($0.output.2)"
      }
      return Row(number: cells[1], about: cells[2], answer: cells[3], tests: tests)
    }
  }

  /// The tests in the sources, as `Suite.test`.
  private static func tests() throws -> Set<String> {
    let root = Repository.root.appending(path: "Tests")
    let names = FileManager.default.enumerator(atPath: root.path)
    var found: Set<String> = []
    while let name = names?.nextObject() as? String {
      guard name.hasSuffix(".swift") else { continue }
      let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
      var suite = ""
      var isTest = false
      for line in text.split(separator: "\n") {
        if let match = line.firstMatch(of: /\b(?:struct|class|enum|extension) (\w+Tests)\b/) {
          suite = String(match.output.1)
        }
        if line.contains("@Test") { isTest = true }
        if isTest, let match = line.firstMatch(of: /\bfunc `?(\w+)`?\s*[<(]/) {
          found.insert("\(suite).\(match.output.1)")
          isTest = false
        }
      }
    }
    return found
  }

  @Test func everyLineHasARow() throws {
    let rows = try Self.rows()
    #expect(rows.count == 90 && Set(rows.map(\.number)).count == 90)
    for row in rows {
      #expect(!row.about.isEmpty && !row.answer.isEmpty, "\(row.number)")
    }
  }

  @Test func everyTestThatIsNamedIsThere() throws {
    let tests = try Self.tests()
    #expect(tests.count > 500)
    for row in try Self.rows() {
      #expect(Set(row.tests).subtracting(tests) == [], "\(row.number)")
    }
  }

  @Test func atLeast85AreAnsweredByATest() throws {
    let rows = try Self.rows()
    let answered = rows.filter { !$0.tests.isEmpty }.count
    print("ASVS: \(answered) of \(rows.count) by test")
    #expect(answered >= 85)
  }
}
