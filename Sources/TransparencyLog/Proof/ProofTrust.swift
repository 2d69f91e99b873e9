/// Whose keys and certificates a reader of proofs takes for what they say they are.
public struct ProofTrust: Sendable {
  public var logs: [Ed25519NoteVerifier]
  public var witnesses: [CosignatureVerifier]
  /// DER of the certificates that may stand at the end of a time-stamping authority's path.
  public var authorities: [[UInt8]]
  /// Which cosignatures are enough; nil where the reader does not ask for any.
  public private(set) var policy: WitnessPolicy?

  /// - Parameter policy: its logs and witnesses are known as well.
  public init(
    logs: [Ed25519NoteVerifier] = [], witnesses: [CosignatureVerifier] = [],
    authorities: [[UInt8]] = [], policy: WitnessPolicy? = nil
  ) {
    self.logs = logs + (policy?.logs.map(\.key) ?? [])
    self.witnesses = witnesses + (policy?.witnesses.map(\.key) ?? [])
    self.authorities = authorities
    self.policy = policy
  }

  /// What a reader knows of a log's key.
  func standing(of log: Ed25519NoteVerifier) -> ProofReport.Standing {
    let named = logs.filter { $0.name.utf8.elementsEqual(log.name.utf8) }
    if named.contains(where: { $0.verifierKey == log.verifierKey }) { return .known }
    return named.isEmpty ? .unknown : .contradicted
  }
}
