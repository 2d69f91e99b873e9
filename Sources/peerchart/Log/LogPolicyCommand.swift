import ArgumentParser
import Exchange
import Node
import TransparencyLog

struct LogPolicyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Print by whom and how often this node's log is to be cosigned, or change it.",
    discussion: """
      Prints a policy in the form of C2SP tlog-policy: the log's key, its witnesses, and how many of them \
      have to cosign a checkpoint. Every paired node is a witness. Without --need one cosignature is asked \
      for, where there is a witness at all.

      Examples:
        peerchart --data home log policy > home.policy
        peerchart --data home log policy --need 2
      """)

  @OptionGroup var node: NodeOptions
  @Option(help: ArgumentHelp("How many cosignatures a checkpoint needs.", valueName: "number"))
  var need: Int?
  @Flag(help: "Ask for one cosignature, where there is a witness at all.") var automatic = false

  func validate() throws {
    guard need == nil || !automatic, (0...WitnessPolicy.maximumCount).contains(need ?? 0) else {
      throw ValidationError(
        "--need is a number up to \(WitnessPolicy.maximumCount); --automatic takes it back")
    }
  }

  func run() async throws {
    let policy = try await node.withNode { node in
      if need != nil || automatic {
        try await node.exchange.needCosignatures(need, as: node.exchange.nodeOperator())
      }
      return try await node.exchange.witnessPolicy()
    }
    try StandardOutput.write(Array(policy.text.utf8))
  }
}
