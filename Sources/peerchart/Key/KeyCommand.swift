import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Replace the root key, or destroy a patient's key.",
    discussion: """
      Both are on record in the log. After either, take a new copy of DIR/keys: the old root key opens \
      nothing any more.

      Example:
        peerchart --data home key rotate
      """,
    subcommands: [KeyRotate.self, KeyDestroy.self])
}
