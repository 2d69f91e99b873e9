import Exchange
import Foundation
import Identity
import Primitives
import Synchronization
import Testing
import TransparencyLog

/// The way between nodes of one test: what is delivered is handed to the other node's own use cases,
/// under the caller that its certificate makes.
final class LoopTransport: PeerTransport, EntitySource {
  private let sender: TestNode
  private let nodes: [NodeID: TestNode]
  private let reachable = Mutex(true)
  private let passed = Mutex<[[UInt8]]>([])
  private let happening = Mutex<(@Sendable () async throws -> Void)?>(nil)
  private let changing = Mutex<(@Sendable ([UInt8]) -> [UInt8])?>(nil)

  init(from sender: TestNode, to nodes: TestNode...) {
    self.sender = sender
    self.nodes = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0) })
  }

  /// The messages that went by, oldest first.
  var messages: [[UInt8]] { passed.withLock { $0 } }
  func cut() { reachable.withLock { $0 = false } }
  func mend() { reachable.withLock { $0 = true } }
  /// What happens while an answer is on its way.
  func meanwhile(_ body: (@Sendable () async throws -> Void)?) { happening.withLock { $0 = body } }
  /// Changes what is delivered or paired from now on.
  func alter(_ change: (@Sendable ([UInt8]) -> [UInt8])?) { changing.withLock { $0 = change } }

  func deliver(_ message: [UInt8], to peer: PeerEndpoint) async throws -> PeerReply {
    let target = try node(peer.node)
    passed.withLock { $0.append(message) }
    let message = changing.withLock { $0 }?(message) ?? message
    return await Self.reply {
      try await target.exchange.receive(message: message, from: target.peer(self.sender))
    }
  }

  func pair(
    _ request: [UInt8], at address: String, fingerprintOf node: NodeID
  ) async throws -> PeerReply {
    let target = try self.node(node)
    let request = changing.withLock { $0 }?(request) ?? request
    return await Self.reply {
      try await target.exchange.pair(request, networkAddress: "127.0.0.1")
    }
  }

  /// Reads of records and of whole charts, as the other node's routes would ask for them.
  func get(
    _ pathAndQuery: String, purpose: String, person: String?, from peer: PeerEndpoint
  ) async throws -> PeerReply {
    let target = try node(peer.node)
    let happening = happening.withLock { $0 }
    return await Self.reply {
      let address = try #require(URLComponents(string: pathAndQuery))
      let segments = address.path.split(separator: "/").map(String.init)
      let caller = try await target.exchange.authenticate(
        peerCertificate: self.sender.certificate(), purpose: purpose,
        person: StatedPerson(decoding: person.map(StatedPerson.encode)), networkAddress: nil,
        requestID: "test")
      guard segments.last == "$chart" else {
        let released = try await target.exchange.read(segments[1], id: segments[2], as: caller)
        try await happening?()
        return self.changing.withLock { $0 }?(released.json) ?? released.json
      }
      func value(_ name: String) -> String? {
        address.queryItems?.first { $0.name == name }?.value
      }
      let page = try await target.exchange.chart(
        of: segments[2],
        ChartQuestion(
          typeCodes: value("type"), words: value("q"), from: value("from"), to: value("to")),
        cursor: value("_cursor"), count: value("_count").flatMap { Int($0) }, as: caller)
      try await happening?()
      return self.changing.withLock { $0 }?(page.parameters) ?? page.parameters
    }
  }

  func post(
    _ path: String, body: [UInt8], purpose: String, to peer: PeerEndpoint
  ) async throws -> PeerReply {
    throw PeerChartError(.notSupported, "tests ask the other node's use cases themselves")
  }

  func log(_ request: LogRequest, at peer: PeerEndpoint) async throws -> PeerReply {
    let target = try node(peer.node).exchange
    switch request {
    case .checkpoint:
      return await Self.reply { try await target.publishedCheckpoint().bytes }
    case .tile(let path): return await Self.reply { try await target.logTile(path: path) }
    case .documentStatus(let key):
      let change = changing.withLock { $0 }
      return await Self.reply {
        let answer = try await target.documentStatus(key)
        return change?(answer) ?? answer
      }
    case .addCheckpoint(let body):
      let body = changing.withLock { $0 }?(body) ?? body
      let answer = try await target.addCheckpoint(body)
      return PeerReply(status: answer.status, contentType: answer.contentType, body: answer.body)
    }
  }

  func entity(_ node: NodeID, at accreditor: PeerEndpoint) async throws -> PeerReply {
    let target = try self.node(accreditor.node)
    return await Self.reply {
      let answer = try await target.exchange.publishedEntity(node)
      return self.changing.withLock { $0 }?(answer) ?? answer
    }
  }

  private func node(_ id: NodeID) throws -> TestNode {
    guard reachable.withLock({ $0 }), let node = nodes[id] else {
      throw PeerChartError(.unreachable, "the line is cut")
    }
    return node
  }

  private static func reply(_ body: () async throws -> [UInt8]) async -> PeerReply {
    do {
      return PeerReply(status: 200, contentType: nil, body: try await body())
    } catch {
      let status =
        switch (error as? PeerChartError)?.code {
        case .forbidden: 403
        case .notFound: 404
        case .storage: 503
        default: 422
        }
      return PeerReply(status: status, contentType: nil, body: [])
    }
  }
}

/// Pairs two nodes by an invitation of the second.
func pair(_ guest: TestNode, with host: TestNode) async throws {
  let invitation = try await host.exchange.invite(
    addresses: [try address()], lifetime: 600, as: host.owner)
  _ = try await guest.exchange.accept(
    invitation, addresses: [try address()], using: LoopTransport(from: guest, to: host),
    as: guest.owner)
}

func address() throws -> NodeAddress {
  guard let address = NodeAddress("127.0.0.1:4430") else {
    throw PeerChartError(.invalid, "not an address")
  }
  return address
}
