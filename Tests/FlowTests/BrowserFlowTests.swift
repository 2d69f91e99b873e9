import Foundation
import Testing

/// One story in a real browser, told by Tests/Browser/portal.py: every page in both schemes and three
/// widths, without script as well, looked at by axe and by the browser's own console.
@Suite(
  .serialized,
  .enabled(if: Program.isThere && Program.hasBrowser, "there is no Chromium, or no program to test")
)
struct BrowserFlowTests {
  @Test func aPatientAndAClinicianMeet() async throws {
    // Kept for people to look at where PEERCHART_SCREENSHOTS names a folder.
    let folder = try TemporaryFolder()
    let kept = ProcessInfo.processInfo.environment["PEERCHART_SCREENSHOTS"]
    let outcome = try await Program.python(
      "../Browser/portal.py",
      [
        try #require(Program.path), Program.root.appendingPathComponent("Samples").path,
        kept ?? folder.path + "/screens",
      ], within: 2 * Program.patience)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
