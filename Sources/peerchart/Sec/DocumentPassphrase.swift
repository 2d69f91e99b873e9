import ArgumentParser
import Primitives
import Vault

/// The passphrase that a document is sealed under.
struct DocumentPassphrase: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file with the document's passphrase on its first line.", valueName: "file"))
  var passphraseFile: String?

  /// The passphrase, if one is named.
  var bytes: Redacted<[UInt8]>? {
    get throws {
      try passphraseFile.map { file in
        Redacted(try PassphraseFile.read(file).withUnsafeBytes { Array($0) })
      }
    }
  }
}
