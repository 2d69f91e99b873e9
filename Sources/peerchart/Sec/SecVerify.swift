import ArgumentParser
import Exchange
import Node
import Primitives
import SecDocument

struct SecVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a document and say what holds, what fails and what cannot be known here.",
    discussion: """
      Required are: that it opens and every bit of it is what was signed, that the signer is a node \
      which this one is paired with, and that the signer's log holds the document. Whether it was \
      revoked since cannot be known offline. The exit status is 0 only if all that is required holds.

      Example:
        peerchart --data ward sec verify chart.sec
      """)

  @OptionGroup var place: NodeFolder
  @Argument(help: ArgumentHelp("The document.", valueName: "file.sec")) var file: String
  @OptionGroup var passphrase: DocumentPassphrase
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let source = try FileSource(path: file)
    let passphrase = try passphrase.bytes
    let answer = try await place.withNode { node in
      var nowhere = SecDiscard()
      do {
        return VerificationAnswer(
          try await node.exchange.open(
            document: source, passphrase: passphrase, to: &nowhere,
            as: node.exchange.nodeOperator()))
      } catch let error as PeerChartError where error.code.rawValue.hasPrefix("sec-") {
        return VerificationAnswer(unopened: error)
      }
    }
    if json {
      try StandardOutput.json(answer)
    } else {
      for line in answer.lines { try StandardOutput.line(line) }
    }
    guard answer.verified else { throw ExitCode.failure }
  }
}
