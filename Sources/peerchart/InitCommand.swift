public import ArgumentParser
import Exchange
import Foundation
import Identity
import Node
import Primitives

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a node: a data folder with keys, a local CA and an empty log.",
    discussion: """
      The root key is a file in the data folder that only you can read, or, with a passphrase, is \
      wrapped under it. Whoever loses it loses the charts: keep a copy of DIR/keys apart from the \
      backups.

      Examples:
        peerchart --data home init --name "Samplewood household" --kind household
        peerchart --data ward init --name "Exampleville General" --kind organization \\
          --host chart.example.org --passphrase
        peerchart --data ward init --name "Exampleville General" --kind organization \\
          --database postgresql://peerchart@127.0.0.1/charts --database-password-file db.password
      """)

  @OptionGroup var place: NodeFolder
  @Option(help: "What the node calls itself; peers see it. 1 to 64 visible characters.")
  var name: String
  @Option(
    help: "household: a person's or family's own charts. organization: a provider's or payer's.")
  var kind: NodeKind
  @Flag(help: "Protect the root key by a passphrase and ask for it, twice.")
  var passphrase = false
  @Option(
    help: ArgumentHelp("Protect the root key by the passphrase in a file.", valueName: "file"))
  var passphraseFile: String?
  @Option(
    help: ArgumentHelp(
      "A host name or IP address that the node is reached by, beside the loopback ones; repeatable.",
      valueName: "name"),
    transform: HostName.init(argument:))
  var host: [HostName] = []
  @OptionGroup var database: DatabaseArguments
  @OptionGroup var blobs: BlobArguments
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let protection: RootKeyProtection
    if let passphraseFile {
      protection = .passphrase(try PassphraseFile.read(passphraseFile))
    } else if passphrase {
      protection = .passphrase(
        try NodeFolder.passphrase(nil) { try PassphrasePrompt.askForNew() })
    } else {
      protection = .file
    }
    let node = try await PeerChartNode.initialize(
      place.folder, name: name, kind: kind, protection: protection, hosts: host,
      database: database.options, blobs: blobs.options)
    let id = node.exchange.nodeID
    await node.close()
    if json {
      try StandardOutput.json([
        "node": id.description, "fingerprint": id.fingerprint, "folder": place.folder.path,
        "ca": place.folder.caCertificate,
      ])
    } else {
      try StandardOutput.line(
        """
        The node is made in \(place.folder.path).
          fingerprint  \(id.fingerprint)
          for clients  \(place.folder.caCertificate)
        Keep a copy of \(place.folder.rootKey) apart from the backups: without it the charts are gone.
        """)
    }
  }
}

extension NodeKind: ExpressibleByArgument {}
