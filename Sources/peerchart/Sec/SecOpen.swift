import ArgumentParser
import Exchange
import Node
import Primitives

struct SecOpen: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Open a document, if all that is required of it holds, and write its content.",
    discussion: """
      The content gets its name only after the document is verified to its end. Of a document that \
      fails, or that its issuer took back, nothing is written; `sec verify` tells more.

      Examples:
        peerchart --data ward sec open chart.sec --output chart.json
        peerchart --data ward sec open note.txt.sec      # writes note.txt
      """)

  @OptionGroup var place: NodeFolder
  @Argument(help: ArgumentHelp("The document.", valueName: "file.sec")) var file: String
  @OptionGroup var passphrase: DocumentPassphrase
  @OptionGroup var asking: AskingOption
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where to write the content. Default: the name without .sec, if there is no such file.",
      valueName: "file"))
  var output: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    guard output != nil || (file.hasSuffix(".sec") && file.utf8.count > 4) else {
      throw ValidationError("where to? Give --output FILE")
    }
  }

  func run() async throws {
    let target = output ?? String(file.dropLast(".sec".count))
    var sink = try NewFile(target, replacing: output != nil)
    let passphrase = try passphrase.bytes
    let verification = try await place.withNode { node in
      try await asking(node) { sources in
        try await node.exchange.open(
          document: try FileSource(path: file), passphrase: passphrase, to: &sink, asking: sources,
          as: node.exchange.nodeOperator())
      }
    }
    guard verification.isVerified else {
      throw Failure(
        .integrity, verification.sentence, place: file,
        hint: "nothing was written; `peerchart sec verify` shows every check")
    }
    try sink.commit()
    if json {
      try StandardOutput.json(VerificationAnswer(verification: verification, output: target))
    } else {
      let source = verification.issuerName ?? verification.issuer ?? ""
      try StandardOutput.line(
        "\(target): \(verification.mediaType ?? ""), \(verification.contentLength ?? 0) bytes, from \(source)"
      )
    }
  }
}
