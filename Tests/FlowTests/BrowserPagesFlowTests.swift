import Foundation
import Testing

/// Every page of the program's table of routes in a real browser, by Tests/Browser/pages.py.
@Suite(
  .serialized,
  .enabled(if: Program.isThere && Program.hasBrowser, "there is no Chromium, or no program to test")
)
struct BrowserPagesFlowTests {
  private func look(_ out: String, _ more: String...) async throws {
    let outcome = try await Program.python(
      "../Browser/pages.py",
      [
        try #require(Program.path), Program.root.appendingPathComponent("Samples").path, out,
      ] + more, within: 2 * Program.patience)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }

  @Test func everyPageIsReadableInBothSchemesAtEveryWidthWithAndWithoutScript() async throws {
    // Kept for people to look at where PEERCHART_SCREENSHOTS names a folder.
    try await look(ProcessInfo.processInfo.environment["PEERCHART_SCREENSHOTS"] ?? "-")
  }

  @Test func scriptsInEveryTextFieldStayTextOnEveryPage() async throws {
    try await look("-", "--hostile")
  }
}
