/// Whom verifying may ask.
public struct VerificationSources: Sendable {
  /// The way to paired nodes, for asking an issuer how a document stands; nil where nobody is asked.
  public var peers: (any PeerTransport)?
  /// Where anchors are looked up; nil where what is in hand has to do.
  public var anchors: AnchorSources?

  /// Nobody, unless said otherwise.
  public init(peers: (any PeerTransport)? = nil, anchors: AnchorSources? = nil) {
    self.peers = peers
    self.anchors = anchors
  }
}

/// For whom something is verified.
enum VerificationReader {
  /// Somebody of this node.
  case own
  /// Anybody. With which households this node is paired is not for strangers: to them such an issuer, or
  /// witness, is one that is not known here.
  case stranger
}
