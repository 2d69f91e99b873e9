import ArgumentParser
import Exchange
import Node

struct EntitySuspend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspend",
    abstract: "Say that an organization is not to be relied on for now.",
    discussion: """
      What it signed before stays good. `entity reinstate` ends it.

      Example:
        peerchart --data board entity suspend 3fa9… --reason privilege-withdrawn
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var argument: EntityArgument
  @OptionGroup var withdrawal: WithdrawalOptions

  func run() async throws {
    try await argument.say(
      .suspend(withdrawal.reason, effective: withdrawal.effective), at: node)
  }
}

struct EntityReinstate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reinstate", abstract: "End a suspension.")

  @OptionGroup var node: NodeOptions
  @OptionGroup var argument: EntityArgument

  func run() async throws { try await argument.say(.reinstate, at: node) }
}

struct EntityRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "End an organization's accreditation for good.",
    discussion: """
      Nothing brings it back to this node; an organization begins anew with other keys. If its key is in \
      other hands, say since when.

      Example:
        peerchart --data board entity revoke 3fa9… --reason key-compromise \\
          --effective 2026-03-01T09:30:00Z
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var argument: EntityArgument
  @OptionGroup var withdrawal: WithdrawalOptions

  func run() async throws {
    try await argument.say(.revoke(withdrawal.reason, effective: withdrawal.effective), at: node)
  }
}

extension EntityArgument {
  /// Makes a statement and prints it.
  fileprivate func say(_ change: EntityChange, at node: NodeOptions) async throws {
    let statement = try await node.withNode { node in
      try await node.exchange.changeEntity(
        try await node.entityID(entity), change, as: node.exchange.nodeOperator())
    }
    try StandardOutput.line(statement)
  }
}
