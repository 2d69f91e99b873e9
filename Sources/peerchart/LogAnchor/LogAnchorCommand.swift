import ArgumentParser
import Exchange
import Foundation
import Logging
import Node
import PeerNetwork
import Primitives
import TransparencyLog

struct LogAnchorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anchor",
    abstract:
      "Anchor the log outside: on a chain, at OpenTimestamps calendars, at time-stamping authorities.",
    discussion: """
      What goes out is the root of the log and its size, never anything about a person. `serve` makes anchors \
      by itself, each provider on its own schedule.

      Examples:
        peerchart log anchor provider add public --evm https://rpc.example.org --chain-id 1
        peerchart log anchor deploy public
        peerchart log anchor provider add bitcoin --calendar https://alice.btc.calendar.opentimestamps.org
        peerchart log anchor provider add tsa --authority https://tsa.example.org --trust tsa-root.pem
        peerchart log anchor now
        peerchart log anchor export bitcoin --output checkpoint.txt
        peerchart log anchor verify public
      """,
    subcommands: [
      AnchorProviderCommand.self, AnchorDeploy.self, AnchorNow.self, AnchorStatus.self,
      AnchorExport.self, LogAnchorVerify.self, AnchorRevoke.self,
    ])
}

/// Runs something with the way to chains, calendars and authorities.
struct AnchorWay {
  let node: NodeOptions

  func callAsFunction<Value>(
    _ body: (Exchange, HTTPAnchorTransport) async throws -> Value
  ) async throws -> Value {
    try await node.withNode { node in
      let transport = node.makeAnchorTransport(logger: Logger(label: "peerchart"))
      let value: Value
      do { value = try await body(node.exchange, transport) } catch {
        await transport.shutdown()
        throw error
      }
      await transport.shutdown()
      return value
    }
  }
}

extension LogAnchorSummary {
  /// One line for people.
  var line: String {
    var parts = [
      provider, subject == "checkpoint" ? "\(finding.size) entries" : subject,
      finding.state.rawValue,
    ]
    if let depth = finding.depth { parts.append("\(depth) blocks deep") }
    if let time = finding.time { parts.append(time.description) }
    if let gasUsed { parts.append("\(gasUsed) gas") }
    if let revocationKey { parts.append(revocationKey) }
    if let reason = finding.reason { parts.append(reason) }
    return parts.joined(separator: "  ")
  }
}

struct AnchorStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the newest anchors and how far they are.")

  @OptionGroup var node: NodeOptions
  @Argument(help: "One provider. Default: all.") var provider: String?
  @Option(help: "How many of each provider.") var limit = 10
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    guard (1...100_000).contains(limit) else { throw ValidationError("--limit is 1 to 100000") }
  }

  func run() async throws {
    let anchors = try await node.withNode { node in
      let exchange = node.exchange
      let names = try await exchange.anchorPlaces(as: exchange.nodeOperator()).map(\.name)
        .filter { provider == nil || $0 == provider }
      guard provider == nil || !names.isEmpty else {
        throw PeerChartError(.notFound, "there is no provider of that name")
      }
      var all: [LogAnchorSummary] = []
      for name in names {
        all += try await exchange.anchors(of: name, limit: limit, as: exchange.nodeOperator())
      }
      return all
    }
    if json { return try StandardOutput.json(["anchors": anchors]) }
    for anchor in anchors { try StandardOutput.line(anchor.line) }
  }
}
