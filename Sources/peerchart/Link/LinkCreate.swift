import ArgumentParser
import Exchange
import FHIR
import Node
import Primitives
import Vault

struct LinkCreate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make a link to a patient's summary, and print it.",
    discussion: """
      With --card, records of the patient go along on a signed health card. --direct makes a link without a \
      manifest, to be opened at once in person; it can have no passcode.

      Example:
        peerchart link create --patient 9c1f… --expires 15m --direct --qr
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("Whose summary.", valueName: "id")) var patient: String
  @Option(
    help: ArgumentHelp("A record for the card; repeatable.", valueName: "type/id"))
  var card: [String] = []
  @OptionGroup var base: NodeBase
  @Option(
    help: ArgumentHelp(
      "How long it is good, a minute to a year. Default: until it is revoked.", valueName: "span"),
    transform: TimeSpan.init(argument:))
  var expires: TimeSpan?
  @Option(help: ArgumentHelp("A file whose first line is the passcode.", valueName: "file"))
  var passcodeFile: String?
  @Option(help: "How many wrong passcodes it takes, ever.") var attempts: Int64 = 5
  @Option(help: "What whoever opens it is told that it is.") var label: String?
  @Flag(help: "It may be opened for long, and is renewed with `link renew`.") var longTerm = false
  @Flag(help: "It leads to the one file, without a manifest.") var direct = false
  @Flag(help: "Draw the QR code.") var qr = false
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let passcode = try passcodeFile.map { path in
      let line = try PassphraseFile.read(path).withUnsafeBytes { Array($0) }
      return Redacted(String(decoding: line, as: UTF8.self))
    }
    let link = try await node.withNode { node in
      var order = HealthLinkOrder(patient: patient, base: try base.address(of: node))
      order.records = card
      order.label = label
      order.seconds = expires?.seconds
      order.passcode = passcode
      order.passcodeCap = attempts
      (order.isLongTerm, order.isDirect) = (longTerm, direct)
      return try await node.exchange.createLink(order, as: node.exchange.nodeOperator())
    }
    if json {
      return try StandardOutput.json([
        "id": .string(link.id), "link": .string(link.text.exposed),
      ])
    }
    try StandardOutput.line("link \(link.id)")
    try StandardOutput.line(link.text.exposed)
    if qr { try StandardOutput.write(Array(try TerminalQRCode.draw(link.text.exposed).utf8)) }
  }
}
