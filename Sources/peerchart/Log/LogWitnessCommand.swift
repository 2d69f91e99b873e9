import ArgumentParser
import Exchange
import Node

struct LogWitnessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness",
    abstract: "Have this node's log cosigned by others than the paired nodes.",
    discussion: """
      Any witness that speaks C2SP tlog-witness will do. It has to know this node's log by its key, which \
      `log status` prints.

      Example:
        peerchart --data ward log witness add state \\
          state.example/witness+1a2b3c4d+BAbc… https://state.example/witness
      """,
    subcommands: [LogWitnessAdd.self, LogWitnessList.self, LogWitnessRemove.self])
}

struct LogWitnessAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a witness.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "A name for it: one word.") var name: String
  @Argument(help: ArgumentHelp("Its verifier key, NAME+ID+KEY.", valueName: "key")) var key: String
  @Argument(help: "The address below which it takes checkpoints.") var url: String

  func run() async throws {
    try await node.withNode {
      try await $0.exchange.addLogWitness(
        name, verifierKey: key, url: url, as: $0.exchange.nodeOperator())
    }
  }
}

struct LogWitnessList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the witnesses of this node's log.")

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let status = try await node.withNode {
      try await $0.exchange.logStatus(as: $0.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["witnesses": status.witnesses]) }
    for witness in status.witnesses {
      try StandardOutput.line("\(witness.name)  \(witness.title)  \(witness.verifierKey)")
    }
  }
}

struct LogWitnessRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Ask a witness no more that `log witness add` added.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "Its name; `log witness list` shows it.") var name: String

  func run() async throws {
    try await node.withNode {
      try await $0.exchange.removeLogWitness(name, as: $0.exchange.nodeOperator())
    }
  }
}
