import Consent
import Foundation
import Identity
import Primitives
import TransparencyLog

/// How this node's log stands, and the logs that it follows.
public struct LogStatus: Sendable, Encodable {
  public let origin: String
  public let verifierKey: String
  /// The number of entries.
  public let size: UInt64
  /// Of the newest checkpoint that has its cosignatures; nil for none yet.
  public let publishedSize: UInt64?
  public let publishedAt: String?
  /// How many cosignatures the policy asks for.
  public let needed: Int
  public let witnesses: [Witness]
  public let followed: [Followed]

  /// A witness of this node's log.
  public struct Witness: Sendable, Encodable {
    /// In the policy.
    public let name: String
    /// For people.
    public let title: String
    public let verifierKey: String
    /// `cosigned`, `waiting`, `unreachable`, `unknown` (it does not follow this log) or `refused` (it has seen
    /// another history).
    public let state: String
    /// The size of the last tree that it cosigned; 0 for none.
    public let size: UInt64
    public let at: String?
  }

  /// A paired node's log.
  public struct Followed: Sendable, Encodable {
    public let node: String
    public let name: String
    /// `good`, `silent`, `doubtful` (being looked into) or `forked`.
    public let state: String
    /// The size of the last tree that this node cosigned; 0 for none.
    public let size: UInt64
    public let seenAt: String
    /// The newest evidence against it, also if it has come back since.
    public let evidence: String?
  }
}

extension Exchange {
  /// - Throws: `forbidden`.
  public func logStatus(as caller: Caller) async throws -> LogStatus {
    try require(.seeTrust, caller)
    return try await store.read { [self] snapshot in
      let own = try ownLog(in: snapshot)
      let asked = try logWitnesses(in: snapshot)
      let key = try logKey()
      return LogStatus(
        origin: key.name, verifierKey: key.verifierKey,
        size: UInt64(clamping: try snapshot.auditSize()),
        publishedSize: try own.signedPublished()?.checkpoint.size,
        publishedAt: own.publishedAt.map(Self.text),
        needed: min(try logSettings(in: snapshot).need ?? 1, asked.count),
        witnesses: asked.map { Self.witness($0, own) },
        followed: try items(.witnessedLog, as: WitnessedLogRecord.self, in: snapshot)
          .compactMap { key, record in
            guard let node = NodeID(bytes: key), let peer = try peer(node, in: snapshot) else {
              return nil
            }
            return try Self.followed(record, peer)
          }.sorted { $0.name < $1.name })
    }
  }

  private static func text(_ milliseconds: Int64) -> String {
    Instant(millisecondsSinceEpoch: milliseconds).description
  }

  private static func witness(_ witness: LogWitness, _ own: OwnLogRecord) -> LogStatus.Witness {
    let standing = own.witnesses[witness.key.verifierKey]
    return LogStatus.Witness(
      name: witness.name, title: witness.title, verifierKey: witness.key.verifierKey,
      state: (standing?.state ?? .waiting).rawValue, size: standing?.size ?? 0,
      at: standing.map { text($0.stateAt) })
  }

  private static func followed(
    _ record: WitnessedLogRecord, _ peer: PeerRecord
  ) throws -> LogStatus.Followed {
    LogStatus.Followed(
      node: peer.node, name: peer.name,
      state: record.isAstray
        ? "forked"
        : record.doubt != nil ? "doubtful" : record.silentSince != nil ? "silent" : "good",
      size: try record.signed()?.checkpoint.size ?? 0, seenAt: text(record.seenAt),
      evidence: record.alarm?.evidence)
  }

  /// The evidence that a paired node's log has two histories, as JSON: `SplitView` says what it holds.
  ///
  /// - Throws: `forbidden`; `not-found`.
  public func logEvidence(_ id: String, as caller: Caller) async throws -> [UInt8] {
    try require(.seeNodeLog, caller)
    let record: LogEvidenceRecord? = try await store.read { [self] snapshot in
      try item(.logEvidence, Array(id.utf8), in: snapshot)
    }
    guard let record else {
      throw PeerChartError(.notFound, "there is no evidence of that id; `log status` shows them")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(record.view))
  }
}
