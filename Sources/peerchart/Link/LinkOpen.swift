import ArgumentParser
import ClinicalFormats
import Exchange
import Foundation
import Logging
import Node
import PeerNetwork
import Primitives
import Vault

struct LinkOpen: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Open somebody else's link: fetch its files, open them, check the cards among them.",
    discussion: """
      The files are written into the folder --output, as file-1.json and so on; without it what there is gets \
      listed only. Import them with `peerchart import` or `peerchart card import`.

      Example:
        peerchart link open 'shlink:/eyJ1…' --recipient "Dr. Example" --output visit
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The link.") var link: String
  @Option(help: "What the other side is told of who asks.") var recipient: String
  @Option(help: ArgumentHelp("A file whose first line is the passcode.", valueName: "file"))
  var passcodeFile: String?
  @Option(
    name: .shortAndLong, help: ArgumentHelp("A folder for the files.", valueName: "folder"))
  var output: String?
  @OptionGroup var fetching: FetchOptions

  func run() async throws {
    let passcode = try passcodeFile.map { path in
      let line = try PassphraseFile.read(path).withUnsafeBytes { Array($0) }
      return Redacted(String(decoding: line, as: UTF8.self))
    }
    let opened = try await node.withNode { node in
      try await node.exchange.openLink(
        Redacted(link), passcode: passcode, recipient: recipient,
        using: try HTTPFetcher(authorities: fetching.ca, logger: Logger(label: "peerchart")),
        named: try NotificationHosts(fetching.allow), as: node.exchange.nodeOperator())
    }
    if let label = opened.label { try StandardOutput.line(label) }
    if let output {
      try FileManager.default.createDirectory(
        atPath: output, withIntermediateDirectories: true)
    }
    for (number, file) in opened.files.enumerated() {
      var line =
        "\(file.contentType.isEmpty ? "-" : file.contentType)  \(file.content.exposed.count) bytes"
      if let output {
        let isCard = file.contentType.hasPrefix(HealthCardText.mediaType)
        let path =
          "\(output)/file-\(number + 1)\(isCard ? HealthCardText.fileExtension : ".json")"
        let sink = try NewFile(path, replacing: false)
        try sink.write(file.content.exposed)
        try sink.commit()
        line += "  \(path)"
      }
      try StandardOutput.line(line)
    }
    for card in opened.cards { try CardFile.describe(card) }
  }
}
