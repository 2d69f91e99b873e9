import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Replace the root key, change its passphrase, or destroy a patient's key.",
    discussion: """
      All are on record in the log. After any of them, take a new copy of DIR/keys: after rotate and \
      destroy the old root key opens nothing any more.

      Examples:
        peerchart --data home key rotate
        peerchart --data home key passphrase
      """,
    subcommands: [KeyRotate.self, KeyPassphrase.self, KeyDestroy.self])
}
