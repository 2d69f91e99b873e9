import ArgumentParser
import FHIR
import Primitives
import SecDocument

struct SecInspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a document shows to everybody. Needs no node and no keys; proves nothing.",
    discussion: """
      Example:
        peerchart sec inspect chart.sec
      """)

  @Argument(help: ArgumentHelp("The document.", valueName: "file.sec")) var file: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let summary = try SecFile.inspect(try FileSource(path: file))
    let kind =
      switch summary.recipientKind {
      case .xwing: "xwing"
      case .x25519: "x25519"
      case .passphrase: "passphrase"
      }
    if json {
      return try StandardOutput.json([
        "version": .number(String(summary.version)), "sealedTo": .string(kind),
        "recipients": .number(String(summary.recipientCount)),
        "contentLength": .number(String(summary.contentLength)),
        "sealedLength": .number(String(summary.sealedLength)),
        "proof": summary.proof.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null,
      ])
    }
    try StandardOutput.line(
      """
      .sec version \(summary.version)
        sealed to  \(summary.recipientCount) (\(kind))
        content    \(summary.contentLength) bytes
        document   \(summary.sealedLength) bytes
        proof      \(summary.proof.map { "\($0.count) bytes" } ?? "none")
      None of this is proven: `sec verify` does that.
      """)
  }
}
