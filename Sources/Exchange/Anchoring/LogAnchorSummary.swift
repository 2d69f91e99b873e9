import Foundation
import Primitives
public import TransparencyLog

/// An anchor as people and programs see it.
public struct LogAnchorSummary: Sendable, Encodable {
  public let provider: String
  /// `checkpoint`, `deployment` or `revocation`.
  public let subject: String
  public let finding: LogAnchorFinding
  /// Whether the place has it, so that nothing is lost if this node ends now.
  public let isTaken: Bool
  /// On a chain: the transaction that counts, in hexadecimal.
  public let transaction: String?
  public let blockNumber: UInt64?
  public let gasUsed: UInt64?
  /// Wei.
  public let fee: UInt64?
  /// What a revocation is found by, in hexadecimal.
  public let revocationKey: String?

  init(_ anchor: LogAnchorRecord, kind: LogAnchorKind, place: String) {
    provider = anchor.place
    switch anchor.subject {
    case .checkpoint:
      subject = "checkpoint"
      revocationKey = nil
    case .deployment:
      subject = "deployment"
      revocationKey = nil
    case .revocation(let key, _):
      subject = "revocation"
      revocationKey = Hex.encode(key)
    }
    finding = LogAnchorFinding(
      kind: kind, place: place,
      size: anchor.checkpoint.map(\.checkpoint.size) ?? 0, state: anchor.state, depth: anchor.depth,
      time: anchor.time.map { Instant(millisecondsSinceEpoch: $0) }, reason: anchor.reason)
    isTaken = anchor.state != .pending || anchor.proof != nil
    transaction = anchor.block.map { "0x" + Hex.encode($0.transaction) }
    blockNumber = anchor.block?.number
    gasUsed = anchor.block?.gasUsed
    fee = anchor.block?.fee
  }
}

extension AnchorPlace {
  /// How the chain, or whoever it is, is called in findings.
  var placeName: String {
    switch target {
    case .chain(let chain): chain.name
    case .calendars: "bitcoin"
    case .authority(let authority): authority.address.url
    }
  }
}
