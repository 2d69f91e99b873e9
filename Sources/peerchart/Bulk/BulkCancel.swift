import ArgumentParser
import Exchange
import Node

struct BulkCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "End a bulk export or import, done or not.",
    discussion: """
      Whoever asked for it is told that there is no such job. What an import has stored stays.

      Example:
        peerchart --data home bulk cancel 41f0…
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "The job's id, as `bulk list` shows it.") var id: String

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.cancelBulk(id, as: node.exchange.nodeOperator())
    }
  }
}
