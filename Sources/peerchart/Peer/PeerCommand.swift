import ArgumentParser
import Exchange
import Logging
import Node
import PeerNetwork
import Primitives

struct PeerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peer",
    abstract: "Pair with other nodes and talk to them.",
    discussion: """
      One node invites, the other accepts, and the two people read each other the fingerprints. From \
      then on the nodes know each other by their keys.

      Example:
        peerchart --data home peer invite
        peerchart --data ward peer accept peerchart:…
        peerchart --data home peer list
      """,
    subcommands: [
      PeerInvite.self, PeerAccept.self, PeerList.self, PeerOutbox.self, PeerRequest.self,
      PeerGet.self, PeerBreakGlass.self, PeerSend.self, PeerReceived.self,
    ])
}

extension PeerChartNode {
  /// A way to peers for one piece of work. Its own log lines are of no interest to who typed a command.
  func withTransport<Value>(
    _ body: (PinnedTransport) async throws -> Value
  ) async throws -> Value {
    let transport = try makeTransport(
      logger: Logger(label: "peerchart") { _ in SwiftLogNoOpLogHandler() })
    let value: Value
    do {
      value = try await body(transport)
    } catch {
      await transport.shutdown()
      throw error
    }
    await transport.shutdown()
    return value
  }

  /// The node that a name, id or beginning of a fingerprint means.
  func peerID(_ name: String) async throws -> NodeID {
    let summary = try await exchange.peer(named: name)
    guard let id = NodeID(summary.node) else {
      throw PeerChartError(.integrity, "a stored peer cannot be read")
    }
    return id
  }
}
