import Exchange
import Node
import Primitives

/// One attempt to deliver what a command has put into the outbox, for when no server runs that would
/// do it. Whatever goes wrong, the messages stay in the outbox.
enum Delivery: String, Encodable {
  /// Nothing waits for this peer any more.
  case delivered
  /// `serve` will keep trying.
  case queued

  private static let patience = Duration.seconds(8)

  static func attempt(_ node: PeerChartNode, to peer: NodeID) async -> Delivery {
    _ = try? await node.withTransport { transport in
      await withTaskGroup(of: Void.self) { group in
        group.addTask { _ = try? await node.exchange.deliverDue(using: transport) }
        group.addTask { try? await Task.sleep(for: patience) }
        await group.next()
        group.cancelAll()
      }
    }
    do {
      let name = try await node.exchange.peer(named: peer.description).name
      return try await node.exchange.outbox().contains { $0.peer == name } ? .queued : .delivered
    } catch {
      return .queued
    }
  }

  var sentence: String {
    switch self {
    case .delivered: "The other node has it."
    case .queued: "The other node cannot be reached now; `peerchart serve` keeps trying."
    }
  }
}
