import ArgumentParser
import Exchange
import Node

struct AuditVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Recompute the whole log from the data folder and name the first place that does not fit.",
    discussion: """
      Opens and hashes every entry, computes every root, and compares each signed checkpoint. The exit \
      status is 0 only if everything fits.

      Example:
        peerchart --data home audit verify
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let progress = Progress("entries")
    let result = try await node.withNode { node in
      defer { progress.finish() }
      return try await node.exchange.verifyAudit(progress: progress.add)
    }
    if json {
      try StandardOutput.json(result)
    } else if result.verified {
      try StandardOutput.line(
        "Verified: \(result.entries) entries, \(result.checkpoints) checkpoints, root \(result.root ?? "")"
      )
    } else {
      try StandardOutput.line("NOT VERIFIED: \(result.findings.first ?? "the log does not fit")")
      for finding in result.findings.dropFirst().prefix(20) {
        try StandardOutput.line("  then \(finding)")
      }
      if result.findings.count > 21 {
        try StandardOutput.line("  and \(result.findings.count - 21) more")
      }
    }
    guard result.verified else { throw ExitCode.failure }
  }
}
