import ArgumentParser
import Exchange
import Foundation
import Node
import Primitives

struct RestrictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restrict",
    abstract: "Say from where and when roles, apps and tokens may be used.",
    discussion: """
      A restriction is about one subject: a role of this node's people (role:nurse), an app or service \
      (client:ID, see `client list`) or a bearer token (token:ID, see `token list`). It names networks, \
      hours, or both, and then both must fit. What is not restricted may be used from anywhere at any time.

      Whoever is signed in loses the role while the rule says no, and keeps the others: a nurse at home is \
      still a patient. Each refused request is in the audit log. Servers that run know of a change within \
      two seconds. Commands on this machine are never restricted, so nobody is locked out for good.

      Examples:
        peerchart restrict set role:nurse --network 10.20.0.0/16 --network 2001:db8:7::/48
        peerchart restrict set role:biller --hours "mon-fri 07:00-19:00" --time-zone Europe/Berlin
        peerchart restrict set client:5e0c… --network 192.0.2.17
        peerchart restrict list
        peerchart restrict remove role:biller
      """,
    subcommands: [RestrictList.self, RestrictSet.self, RestrictRemove.self])
}

struct RestrictList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what is restricted.")

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let rules = try await node.withNode { node in
      try await node.exchange.restrictions(as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["restrictions": rules]) }
    for rule in rules {
      let networks = rule.networks.map(\.description).joined(separator: ", ")
      let hours = rule.hours.map(\.description).joined(separator: ", ")
      try StandardOutput.line(
        """
        \(rule.subject)
          networks  \(networks.isEmpty ? "any" : networks)
          hours     \(hours.isEmpty ? "any" : "\(hours) (\(rule.zone))")
        """)
    }
  }
}

struct RestrictSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Restrict one subject, in the place of what was said of it before.",
    discussion: """
      Networks are CIDR ranges or single addresses, of IPv4 or IPv6; an IPv4 address that a listener on IPv6 \
      sees (::ffff:10.20.0.7) counts as the IPv4 address. Behind a proxy the address counts that the proxy \
      passes on, if `serve --trusted-proxy` names the proxy.

      Hours are written "mon-fri 07:00-19:00", "sat,sun 22:00-06:00" (into the next morning) or \
      "daily 08:00-20:00", by the clock of the time zone, summer time included.
      """)

  @OptionGroup var node: NodeOptions
  @Argument(
    help: ArgumentHelp("role:NAME, client:ID or token:ID.", valueName: "subject"),
    transform: { text in
      guard let subject = AccessRestriction.Subject(text) else {
        throw ValidationError("a subject is role:nurse, client:ID or token:ID, not '\(text)'")
      }
      return subject
    })
  var subject: AccessRestriction.Subject
  @Option(
    help: ArgumentHelp("A network it may be used from; repeatable.", valueName: "cidr"),
    transform: NetworkRange.init(argument:))
  var network: [NetworkRange] = []
  @Option(
    help: ArgumentHelp("Hours in which it may be used; repeatable.", valueName: "hours"),
    transform: OpeningHours.init(argument:))
  var hours: [OpeningHours] = []
  @Option(
    help: ArgumentHelp(
      "The time zone of the hours. Default: this machine's.", valueName: "zone"))
  var timeZone: String?

  private var rule: AccessRestriction {
    get throws {
      do {
        return try AccessRestriction(
          subject, networks: network, hours: hours,
          zone: timeZone ?? TimeZone.current.identifier)
      } catch {
        throw ValidationError(error.reason)
      }
    }
  }

  func validate() throws { _ = try rule }

  func run() async throws {
    let rule = try rule
    try await node.withNode { node in
      try await node.exchange.restrict(rule, as: node.exchange.nodeOperator())
    }
  }
}

struct RestrictRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take a restriction away.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "As `restrict list` shows it: role:NAME, client:ID or token:ID.")
  var subject: String

  func run() async throws {
    try await node.withNode { node in
      try await node.exchange.unrestrict(subject, as: node.exchange.nodeOperator())
    }
  }
}

extension NetworkRange {
  /// `10.20.0.0/16`
  init(argument text: String) throws {
    do { try self.init(text) } catch { throw ValidationError("'\(text)': \(error.reason)") }
  }
}

extension OpeningHours {
  /// `mon-fri 07:00-19:00`
  init(argument text: String) throws {
    do { try self.init(text) } catch { throw ValidationError("'\(text)': \(error.reason)") }
  }
}
