import Audit
import Consent
import Crypto
import Foundation
public import Identity
import Primitives

/// An invitation that was given out and not used yet.
private struct InvitationRecord: Codable {
  var secret: Data
  var expiresAt: Int64
}

extension Exchange {
  /// This node's identity statement, signed.
  public func identityDocument() -> [UInt8] { statement.bytes }

  /// Makes an invitation for one other node, good once and until it expires.
  ///
  /// - Parameters:
  ///   - addresses: `host:port` under which this node can be reached.
  ///   - lifetime: seconds.
  public func invite(
    addresses: [NodeAddress], lifetime: Int64, as caller: Caller
  ) async throws -> Invitation {
    try require(.managePeers, caller)
    let now = clock.now()
    let invitation = try Invitation(
      node: nodeID, addresses: addresses, expires: now.adding(seconds: lifetime), random: random)
    let secret = invitation.secret.exposed
    let key = PairingMessage.invitationID(secret)
    let kept = try keeping(
      .invitation, key,
      InvitationRecord(
        secret: Data(secret), expiresAt: now.adding(seconds: lifetime).millisecondsSinceEpoch))
    var draft = EventDraft(kind: .peerInvited)
    var passage = Passage(outcome: .success(invitation))
    passage.change(kept, &draft)
    passage.entries = [try entry(draft, caller, at: now)]
    return try await pass { [passage] _ in passage }
  }

  /// Accepts another node's invitation: shows it this node's identity and pins its.
  ///
  /// - Parameter addresses: where this node can be reached, for the other to keep.
  /// - Throws: `unreachable`; `integrity` when the answer is not from the node that invited.
  public func accept(
    _ invitation: Invitation, addresses: [NodeAddress], using transport: any PeerTransport,
    as caller: Caller
  ) async throws -> PeerSummary {
    try require(.managePeers, caller)
    guard clock.now() < invitation.expires else {
      throw PeerChartError(.invalid, "this invitation has expired; ask for a new one")
    }
    guard invitation.node != nodeID else {
      throw PeerChartError(.invalid, "this invitation is this node's own")
    }
    let secret = invitation.secret.exposed
    let request = PairingMessage(
      step: .request, invitation: PairingMessage.invitationID(secret), statement: statement.bytes,
      addresses: addresses.map(\.description), answers: []
    ).encoded(secret: secret)
    let reply = try await send(request, to: invitation, transport)
    let (message, isAuthentic) = try PairingMessage.parse(reply)
    guard isAuthentic(secret), message.step == .reply,
      message.answers == Array(SHA256.hash(data: request))
    else {
      throw PeerChartError(.integrity, "the answer is not from the node that invited")
    }
    let peer = try IdentityStatement(parsing: message.statement)
    guard peer.node == invitation.node else {
      throw PeerChartError(.integrity, "the answer is from another node than the invitation names")
    }
    try await keep(
      peer, message, at: invitation.addresses.map(\.description), spending: nil, caller)
    return try await self.peer(named: peer.node.description)
  }

  private func send(
    _ request: [UInt8], to invitation: Invitation, _ transport: any PeerTransport
  ) async throws -> [UInt8] {
    var failure = PeerChartError(.unreachable, "the invitation names no address")
    for address in invitation.addresses {
      do {
        let reply = try await transport.pair(
          request, at: address.description, fingerprintOf: invitation.node)
        guard reply.status == 200 else {
          throw PeerChartError(
            .forbidden,
            "the other node did not take the invitation: it was used, has expired or is not its own"
          )
        }
        return reply.body
      } catch let error as PeerChartError {
        failure = error
      }
    }
    throw failure
  }

  /// Answers a node that accepted an invitation of this one.
  ///
  /// - Throws: `forbidden` for an invitation that is unknown, used or expired, all in the same words.
  public func pair(_ request: [UInt8], networkAddress: String?) async throws -> [UInt8] {
    let refusal = PeerChartError(.forbidden, "this invitation is not good, or not any more")
    let (message, isAuthentic) = try PairingMessage.parse(request)
    let stored: InvitationRecord? = try await store.read { [self] in
      try item(.invitation, message.invitation, in: $0)
    }
    guard let stored, message.step == .request, isAuthentic(Array(stored.secret)),
      clock.now().millisecondsSinceEpoch < stored.expiresAt
    else { throw refusal }
    let peer = try IdentityStatement(parsing: message.statement)
    guard peer.node != nodeID else { throw refusal }
    let caller = Caller(
      identity: .peer(peer.node), name: peer.name.text, role: .system, scopes: nil, purpose: nil,
      networkAddress: networkAddress, requestID: newID())
    try await keep(
      peer, message, at: message.addresses, spending: message.invitation, caller)
    return PairingMessage(
      step: .reply, invitation: message.invitation, statement: statement.bytes, addresses: [],
      answers: Array(SHA256.hash(data: request))
    ).encoded(secret: Array(stored.secret))
  }

  private func keep(
    _ peer: IdentityStatement, _ message: PairingMessage, at addresses: [String],
    spending invitation: [UInt8]?, _ caller: Caller
  ) async throws {
    let now = clock.now()
    let record = PeerRecord(
      node: peer.node.description, name: peer.name.text, kind: peer.kind.rawValue,
      addresses: addresses, statement: Data(message.statement),
      pairedAt: now.millisecondsSinceEpoch)
    var draft = EventDraft(kind: .peerPaired)
    draft.detail = ["peer": peer.node.description]
    var passage = Passage(outcome: .success(()))
    if let invitation {
      passage.also { transaction in
        guard try transaction.item(.invitation, key: invitation) != nil else {
          throw PeerChartError(.forbidden, "this invitation is not good, or not any more")
        }
      }
      passage.change(ItemChange(kind: .invitation, key: invitation, sealed: nil), &draft)
    }
    passage.change(try keeping(.peer, peer.node.bytes, record), &draft)
    passage.entries = [try entry(draft, caller, at: now)]
    try await pass { [passage] _ in passage }
  }
}
