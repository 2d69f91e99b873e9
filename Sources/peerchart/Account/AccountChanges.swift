import ArgumentParser
import Consent
import Exchange
import Identity
import Node
import Primitives

/// The account that a command is about.
struct AccountArgument: ParsableArguments {
  @Argument(
    help: "The account's id; `account list` shows it.", transform: AccountID.init(argument:))
  var account: AccountID
}

extension AccountID {
  init(argument: String) throws {
    guard let id = AccountID(argument) else {
      throw ValidationError("an account's id is 32 hexadecimal digits; `account list` shows them")
    }
    self = id
  }
}

struct AccountRoles: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roles",
    abstract: "Say which roles of the staff an account has; without --role none.",
    discussion: """
      Example:
        peerchart account roles 5e0c… --role nurse
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var target: AccountArgument
  @Option(help: "A role; repeatable.") var role: [Role] = []

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.setRoles(
        Set(role), of: target.account, as: node.exchange.nodeOperator())
    }
  }
}

struct AccountAssign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign",
    abstract: "Say that somebody of the staff treats a patient, or with --end no more.",
    discussion: """
      Examples:
        peerchart account assign 5e0c… --patient 9c1f… --for 30d
        peerchart account assign 5e0c… --patient 9c1f… --end
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var target: AccountArgument
  @Option(help: ArgumentHelp("The patient.", valueName: "id")) var patient: String
  @Option(
    name: .customLong("for"), help: ArgumentHelp("How long.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var span = TimeSpan(seconds: 90 * 86_400)
  @Flag(help: "End it.") var end = false

  func run() async throws {
    try await node.withNode { node in
      let caller = node.exchange.nodeOperator()
      if end {
        try await node.exchange.endRelationship(of: target.account, to: patient, as: caller)
      } else {
        try await node.exchange.assign(
          target.account, toTreat: patient, seconds: span.seconds, as: caller)
      }
    }
  }
}

struct AccountDisable: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable",
    abstract: "Let an account in no more; its sessions and programs end at once.")

  @OptionGroup var node: NodeOptions
  @OptionGroup var target: AccountArgument

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.setDisabled(
        true, account: target.account, as: node.exchange.nodeOperator())
    }
  }
}

struct AccountEnable: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Let a disabled account in again.")

  @OptionGroup var node: NodeOptions
  @OptionGroup var target: AccountArgument

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.setDisabled(
        false, account: target.account, as: node.exchange.nodeOperator())
    }
  }
}

struct AccountReset: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Take away the passkeys and codes of somebody who has lost them.",
    discussion: """
      The password stays; signing in with it leads to setting up a new second factor. Do this only for \
      somebody whose identity you have seen.
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var target: AccountArgument

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.resetFactors(
        of: target.account, as: node.exchange.nodeOperator())
    }
  }
}
