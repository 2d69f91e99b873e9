import ArgumentParser
import Exchange
import Node

struct KeyPassphrase: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passphrase",
    abstract: "Change the passphrase that protects the root key.",
    discussion: """
      The root key stays the same, so an old copy of DIR/keys still opens with the old passphrase. Where \
      somebody may know that one, run `key rotate` afterwards and throw the old copies away. A server \
      that runs meanwhile goes on; start it again before the next rotation.

      The terminal is asked, without showing what is typed, for whatever no file holds.

      Examples:
        peerchart --data home key passphrase
        peerchart --data home key passphrase --current-passphrase-file old --passphrase-file new
      """)

  @OptionGroup var place: NodeFolder
  @Option(
    help: ArgumentHelp(
      """
      The file with the passphrase as it is now. Default: PEERCHART_PASSPHRASE_FILE, else the terminal \
      is asked.
      """, valueName: "file"))
  var currentPassphraseFile: String?
  @Option(
    help: ArgumentHelp(
      "The file with the new passphrase. Default: the terminal is asked, twice.", valueName: "file")
  )
  var passphraseFile: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    try await place.withNode(passphraseFile: currentPassphraseFile) { node in
      try node.exchange.requirePassphrase()
      let new = try passphraseFile.map(PassphraseFile.read) ?? PassphrasePrompt.askForNew()
      try await node.exchange.changePassphrase(to: new, as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["changed": true]) }
    try StandardOutput.line(
      """
      The passphrase is changed.
      Take a new copy of \(place.folder.rootKey): old copies still open with the old passphrase.
      """)
  }
}
