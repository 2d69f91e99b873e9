import ArgumentParser
import ClinicalFormats
import Exchange
import FHIR
import Node
import Primitives

struct CardIssue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue",
    abstract: "Put records of a patient on a card and sign it.",
    discussion: """
      Records are written Type/id: Immunization, Observation or Coverage, up to 20. The card holds the \
      patient's name and birth date, and of each record what its reader needs.

      Example:
        peerchart card issue --patient 9c1f… Immunization/1 --output my.smart-health-card --qr
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The records.", valueName: "type/id")) var records: [String]
  @Option(help: ArgumentHelp("Whom it is about.", valueName: "id")) var patient: String
  @OptionGroup var base: NodeBase
  @Option(
    help: ArgumentHelp("How long it is good. Default: for good.", valueName: "span"),
    transform: TimeSpan.init(argument:))
  var expires: TimeSpan?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write the file. Default: none.", valueName: "file"))
  var output: String?
  @Flag(help: "Draw the QR code.") var qr = false
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let sink = try output.map { try NewFile($0) }
    let card = try await node.withNode { node in
      let issuer = try base.address(of: node)
      return try await node.exchange.issueCard(
        HealthCardOrder(
          patient: patient, records: records, issuer: issuer, seconds: expires?.seconds),
        as: node.exchange.nodeOperator())
    }
    if let sink {
      try sink.write(HealthCardText.file([card.text.exposed]))
      try sink.commit()
    }
    if json {
      return try StandardOutput.json([
        "id": .string(card.id), "card": .string(card.text.exposed),
        "codes": .array(card.codes.exposed.map { .string($0) }),
      ])
    }
    try StandardOutput.line("card \(card.id)")
    if qr {
      for code in card.codes.exposed {
        try StandardOutput.write(Array(try TerminalQRCode.draw(code).utf8))
      }
    } else if output == nil {
      for code in card.codes.exposed { try StandardOutput.line(code) }
    }
  }
}

struct CardList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the cards that were issued about a patient.")

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("Whom they are about.", valueName: "id")) var patient: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let cards = try await node.withNode { node in
      try await node.exchange.healthCards(of: patient, as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["cards": cards]) }
    for card in cards {
      let state = card.revoked.map { "revoked \($0)" } ?? "good"
      try StandardOutput.line(
        "\(card.id)  \(card.issued)  \(state)  \(card.records.joined(separator: " "))")
    }
  }
}

struct CardRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Take a card back: the list of revoked cards names it.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "The card's id, as listed.") var id: String

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.revokeCard(id, as: node.exchange.nodeOperator())
    }
  }
}
