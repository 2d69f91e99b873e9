import ArgumentParser
import Exchange
import Node

struct PeerOutbox: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "List the messages that wait until their receiver can be reached.",
    discussion: """
      `serve` keeps trying, at growing intervals of up to an hour.

      Example:
        peerchart --data home peer outbox
      """)

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let messages = try await node.withNode { try await $0.exchange.outbox() }
    if json { return try StandardOutput.json(["messages": messages]) }
    for message in messages {
      let attempts = message.attempts == 1 ? "1 attempt" : "\(message.attempts) attempts"
      try StandardOutput.line(
        "\(message.createdAt)  to \(message.peer)  \(attempts), next \(message.nextAttempt)")
    }
  }
}
