import ArgumentParser
import ClinicalFormats
import Exchange
import FHIR
import Node
import Primitives

struct CardVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check cards and say who issued them, what is wrong, and what cannot be told.",
    discussion: """
      Takes a .smart-health-card file, the text of QR codes (one on a line), or the signed text. What is \
      known of issuers is what `card trust` has read; nothing is fetched, nothing is kept. The exit status \
      is 0 only if every card is verified.

      Example:
        peerchart card verify my.smart-health-card
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The file; - is standard input.") var file: String
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let bytes = try FileSource(path: file).readAll(limit: HealthCardText.maximumBytes + 1)
    let found = try await node.withNode { node in
      try await node.exchange.verifyCards(bytes, name: CardFile.name(file))
    }
    if json {
      try StandardOutput.json(["cards": found])
    } else {
      for card in found { try CardFile.describe(card) }
    }
    guard found.allSatisfy(\.isVerified) else { throw ExitCode.failure }
  }
}

struct CardImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract:
      "Take the records of verified cards into a chart, with a Provenance that keeps the card.",
    discussion: """
      Every card must be verified, and be of a person of the patient's name and birth date. The same card \
      twice changes nothing.

      Example:
        peerchart card import my.smart-health-card --patient 9c1f…
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The file; - is standard input.") var file: String
  @Option(help: ArgumentHelp("Whose chart.", valueName: "id")) var patient: String
  @Flag(help: "Import it although name or birth date differ.") var anyPerson = false
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let bytes = try FileSource(path: file).readAll(limit: HealthCardText.maximumBytes + 1)
    let imported = try await node.withNode { node in
      try await node.exchange.importCards(
        bytes, name: CardFile.name(file), into: patient, anyPerson: anyPerson,
        as: node.exchange.nodeOperator())
    }
    if json {
      return try StandardOutput.json([
        "records": .array(imported.records.map { .string($0) }),
        "created": .number(String(imported.created)),
        "unchanged": .number(String(imported.unchanged)),
      ])
    }
    try StandardOutput.line("\(imported.created) created, \(imported.unchanged) there already")
    for record in imported.records { try StandardOutput.line("  \(record)") }
  }
}

/// Files of cards on the command line.
enum CardFile {
  /// The name to judge a file by; nil for standard input.
  static func name(_ path: String) -> String? {
    path == "-" ? nil : path.split(separator: "/").last.map(String.init)
  }

  static func describe(_ card: HealthCardVerification) throws {
    try StandardOutput.line(card.sentence)
    for check in card.checks {
      try StandardOutput.line("  \(mark(check.state)) \(check.text)")
      for finding in check.findings {
        let place = finding.place.map { " (\($0))" } ?? ""
        try StandardOutput.line("      \(finding.code.rawValue): \(finding.text)\(place)")
      }
    }
  }

  private static func mark(_ state: HealthCardVerification.State) -> String {
    switch state {
    case .holds: "+"
    case .fails: "-"
    case .unknown: "?"
    }
  }
}
