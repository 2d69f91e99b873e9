import ArgumentParser
import Exchange
import Node

struct KeyRotate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Replace the root key and wrap all other keys again; no record is touched.",
    discussion: """
      A copy of the old root key no longer opens this data folder. Safe while serving, and when \
      interrupted.

      Example:
        peerchart --data home key rotate
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let generation = try await node.withNode { node in
      try await node.exchange.replaceRootKey(as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["generation": generation]) }
    try StandardOutput.line(
      """
      The root key is replaced (generation \(generation)).
      Take a new copy of \(node.place.folder.rootKey): the old one opens nothing any more.
      """)
  }
}
