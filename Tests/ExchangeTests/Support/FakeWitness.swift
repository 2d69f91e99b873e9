import Exchange
import Primitives
import Synchronization

/// Somebody at a paired node's address who answers a checkpoint as a test wants.
struct FakeWitness: PeerTransport {
  private let answer: @Sendable ([UInt8]) throws -> PeerReply

  init(_ answer: @escaping @Sendable ([UInt8]) throws -> PeerReply) { self.answer = answer }

  func log(_ request: LogRequest, at peer: PeerEndpoint) async throws -> PeerReply {
    guard case .addCheckpoint(let body) = request else { throw Self.onlyThat }
    return try answer(body)
  }

  func pair(
    _ request: [UInt8], at address: String, fingerprintOf node: NodeID
  ) async throws -> PeerReply { throw Self.onlyThat }

  func deliver(_ message: [UInt8], to peer: PeerEndpoint) async throws -> PeerReply {
    throw Self.onlyThat
  }

  func get(
    _ pathAndQuery: String, purpose: String, person: String?, from peer: PeerEndpoint
  ) async throws -> PeerReply { throw Self.onlyThat }

  func post(
    _ path: String, body: [UInt8], purpose: String, to peer: PeerEndpoint
  ) async throws -> PeerReply { throw Self.onlyThat }

  private static let onlyThat = PeerChartError(.unreachable, "this is a witness and nothing else")
}

/// What went by, in order.
final class Recorded: Sendable {
  private let kept = Mutex<[[UInt8]]>([])

  func keep(_ bytes: [UInt8]) { kept.withLock { $0.append(bytes) } }

  var first: [UInt8]? { kept.withLock { $0.first } }
  var texts: [String] { kept.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }
}
