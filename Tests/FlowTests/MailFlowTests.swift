import Foundation
import Testing

/// People are told by mail that there is something to see, and of nothing that it is. The server is aiosmtpd,
/// which this project did not write.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct MailFlowTests {
  @Test(arguments: ["smtps", "smtp"])
  func mailTellsThatThereIsSomethingAndNeverWhat(scheme: String) async throws {
    let outcome = try await Program.python(
      "mail_story.py", [try #require(Program.path), scheme])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
