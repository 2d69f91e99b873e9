import Crypto
import Identity
import Primitives
import TransparencyLog

/// An issuer whose keys this node knows.
struct KnownIssuer: Sendable {
  let node: NodeID
  /// The name under which it is known here.
  let name: String
  let signingKey: Curve25519.Signing.PublicKey
  /// How to reach it; nil for this node itself.
  let endpoint: PeerEndpoint?

  /// Whether it is this node.
  var isOwn: Bool { endpoint == nil }
}

extension Exchange {
  /// This node or a paired one; nil for every other.
  func knownIssuer(_ node: NodeID, to reader: VerificationReader) async throws -> KnownIssuer? {
    if node == nodeID {
      return KnownIssuer(
        node: node, name: name.exposed, signingKey: identity.signing.publicKey, endpoint: nil)
    }
    guard let peer = try await store.read({ [self] in try peer(node, in: $0) }),
      knows(peer, reader)
    else { return nil }
    return KnownIssuer(
      node: node, name: peer.name, signingKey: try peer.verified().keys.signing,
      endpoint: try peer.endpoint())
  }

  /// What this node knows of logs and witnesses, as far as the reader may.
  func proofVerifier(
    for reader: VerificationReader, _ sources: VerificationSources
  ) async throws -> ProofVerifier {
    var verifier = try await proofVerifier()
    verifier.sources = sources.anchors
    guard case .stranger = reader else { return verifier }
    let hidden = try await store.read { [self] snapshot in
      try rememberedItems(.peer, as: PeerRecord.self, in: snapshot).map(\.value)
        .filter { !knows($0, reader) }.compactMap { NodeID($0.node).map(Self.logOrigin) }
    }
    verifier.trust.logs.removeAll { hidden.contains($0.name) }
    verifier.trust.witnesses.removeAll { hidden.contains($0.name) }
    for name in hidden { verifier.names[name] = nil }
    return verifier
  }

  /// Whether somebody is told that this node knows another: to strangers an organization names organizations. A
  /// household names nobody, or it would tell where its people are treated.
  private func knows(_ peer: PeerRecord, _ reader: VerificationReader) -> Bool {
    switch reader {
    case .own: true
    case .stranger: kind == .organization && peer.kind == NodeKind.organization.rawValue
    }
  }
}
