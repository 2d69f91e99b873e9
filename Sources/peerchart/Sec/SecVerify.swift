import ArgumentParser
import Exchange
import Node
import Primitives

struct SecVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a document and say what holds, what fails and what cannot be known here.",
    discussion: """
      Required are: that it opens and every bit of it is what was signed, that the signer is a node \
      which this one is paired with, and that the signer's log holds the document. The signer is asked \
      whether it has revoked or replaced the document since; with --offline, or where it cannot be \
      reached, that stays unknown. The exit status is 0 only if all that is required holds and nobody \
      took the document back.

      Examples:
        peerchart --data ward sec verify chart.sec
        peerchart --data ward sec verify chart.sec --offline --json
      """)

  @OptionGroup var place: NodeFolder
  @Argument(help: ArgumentHelp("The document.", valueName: "file.sec")) var file: String
  @OptionGroup var passphrase: DocumentPassphrase
  @OptionGroup var asking: AskingOption
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let passphrase = try passphrase.bytes
    let answer = try await place.withNode { node in
      try await asking(node) { sources in
        VerificationAnswer(
          verification: try await node.exchange.verify(
            document: { try FileSource(path: file) }, passphrase: passphrase, asking: sources,
            as: node.exchange.nodeOperator()))
      }
    }
    if json {
      try StandardOutput.json(answer)
    } else {
      for line in answer.lines { try StandardOutput.line(line) }
    }
    guard answer.verification.isVerified else { throw ExitCode.failure }
  }
}
