import ArgumentParser
import Consent
import Exchange
import FHIR
import Node
import Primitives
import SecDocument

struct SecIssue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue",
    abstract: "Seal a file, or a patient's chart, to its readers, and sign it.",
    discussion: """
      Seals FILE; without one, the chart of --patient as a FHIR Bundle. With both, the file is about \
      that patient. Any size, in constant memory. The document is entered into this node's log and \
      carries the proof of it. It appears when it is whole.

      Readers are paired nodes (--to, repeatable; `self` is this node), or whoever knows a passphrase \
      (--passphrase-file); never both.

      Examples:
        peerchart sec issue note.txt --patient 9c1f… --to "Exampleville General" --output note.sec
        peerchart sec issue --patient 9c1f… --types allergies,medications --passphrase-file word.txt \\
          --output chart.sec
        peerchart sec issue corrected.pdf --patient 9c1f… --replaces 3f0a… --to "Exampleville General"
      """)

  @OptionGroup var place: NodeFolder
  @Argument(help: "The content; - is standard input.") var file: String?
  @Option(help: ArgumentHelp("Whom it is about.", valueName: "id")) var patient: String?
  @Option(
    help: ArgumentHelp("Of the chart only these record types, with commas.", valueName: "list"),
    transform: RecordTypeSet.init(argument:))
  var types: RecordTypeSet?
  @Option(help: ArgumentHelp("A reader: a paired node, or self; repeatable.", valueName: "peer"))
  var to: [String] = []
  @OptionGroup var passphrase: DocumentPassphrase
  @Option(help: ArgumentHelp("What kind of document it is.", valueName: "loinc")) var type: String?
  @Option(help: ArgumentHelp("The kind in words; with --type.", valueName: "text"))
  var display: String?
  @Option(help: ArgumentHelp("Default: by the file's name.", valueName: "media-type"))
  var mediaType: String?
  @Option(help: ArgumentHelp("Whom it is about, if not Patient/ID.", valueName: "text"))
  var subject: String?
  @Option(
    help: ArgumentHelp(
      "The document that this one takes the place of: whoever holds it and asks hears of it.",
      valueName: "digest"),
    transform: DocumentDigest.init(argument:))
  var replaces: DocumentDigest?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write it. Default: FILE.sec.", valueName: "file.sec"))
  var output: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    guard file != nil || patient != nil else {
      throw ValidationError("name what to seal: a file, or a chart with --patient ID")
    }
    guard to.isEmpty == (passphrase.passphraseFile != nil) else {
      throw ValidationError("name who may read it: either --to PEER or --passphrase-file FILE")
    }
    guard (type == nil) == (display == nil) else {
      throw ValidationError("--type and --display go together")
    }
    guard types == nil || file == nil else {
      throw ValidationError("--types selects records of a chart; a file is sealed as it is")
    }
    guard output != nil || (file != nil && file != "-") else {
      throw ValidationError("name the document: --output FILE.sec")
    }
  }

  func run() async throws {
    let target = output ?? "\(file ?? "").sec"
    var sink = try NewFile(target)
    let issued = try await place.withNode { node in
      let recipients = try await recipients(node)
      let caller = node.exchange.nodeOperator()
      if let file {
        return try await node.exchange.issue(
          try FileSource(path: file), to: &sink, draft: draft(mediaType: MediaType.guess(file)),
          recipients: recipients, patient: patient, as: caller)
      }
      let chart = try await node.exchange.chartBundle(of: patient ?? "", types: types, as: caller)
      return try await node.exchange.issue(
        SecBytesSource(chart), to: &sink, draft: draft(mediaType: MediaType.fhir),
        recipients: recipients, patient: patient, as: caller)
    }
    try sink.commit()
    if json {
      try StandardOutput.json([
        "output": .string(target), "document": .string(issued.digest.description),
        "bytes": .number(String(issued.byteCount)), "entry": .number(String(issued.sequence)),
      ])
    } else {
      try StandardOutput.line(
        """
        \(target): \(issued.byteCount) bytes, entry \(issued.sequence) of this node's log
          document  \(issued.digest)
        """)
    }
  }

  private func recipients(_ node: PeerChartNode) async throws -> [DocumentRecipient] {
    if let passphrase = try passphrase.bytes { return [.passphrase(passphrase)] }
    var recipients: [DocumentRecipient] = []
    for name in to {
      recipients.append(.node(name == "self" ? nil : try await node.peerID(name)))
    }
    return recipients
  }

  private func draft(mediaType guess: String) -> SecDraft {
    // A whole chart is what LOINC calls a summarization of episode note, as a CCD is.
    let kind =
      if let type, let display {
        SecDocumentType(code: type, display: display)
      } else if file == nil {
        SecDocumentType(code: "34133-9", display: "Summarization of Episode Note")
      } else {
        SecDocumentType?.none
      }
    return SecDraft(
      mediaType: mediaType ?? guess, created: SystemClock().now(),
      subject: subject ?? patient.map { "Patient/\($0)" }, documentType: kind,
      predecessor: replaces)
  }
}
