import Foundation
public import Identity
import Primitives

/// How an entity stands, for people and programs to look at.
public struct EntitySummary: Sendable, Encodable {
  /// The node's id.
  public let node: String
  public let fingerprint: String
  /// What the node calls itself; nil for one that is not paired.
  public let name: String?
  public let state: EntityStanding.State
  /// Whether it may be shown as verified: accredited, and known to be so lately enough.
  public let isVerified: Bool
  public let since: String?
  /// The accreditor's name.
  public let by: String?
  public let organization: String?
  /// National Provider Identifier.
  public let npi: String?
  public let until: String?
  public let reason: EntityReason?
  /// Under whose keys it goes on: a node's id.
  public let successor: String?
  /// The date of the newest knowledge.
  public let knownAt: String?
  public let isFresh: Bool

  init(_ standing: EntityStanding, of node: NodeID, named name: String?) {
    self.node = node.description
    fingerprint = node.fingerprint
    self.name = name
    state = standing.state
    isVerified = standing.isVerified
    since = standing.since?.description
    by = standing.accreditor
    organization = standing.credential?.organization
    npi = standing.credential?.npi.description
    until = standing.credential?.expires.description
    reason = standing.reason
    successor = standing.successor?.description
    knownAt = standing.knownAt?.description
    isFresh = standing.isFresh
  }
}

/// A statement, for people and programs to look at.
public struct EntityStatementSummary: Sendable, Encodable {
  /// The accreditor's name.
  public let by: String
  /// The thumbprint of its key.
  public let accreditor: String
  public let sequence: Int64
  public let status: EntityStatement.Status
  public let issued: String
  /// Since when it counts.
  public let from: String
  public let organization: String?
  public let npi: String?
  public let until: String?
  public let reason: EntityReason?
  public let successor: String?

  init(_ statement: EntityStatement, by accreditor: Accreditor) {
    by = accreditor.name
    self.accreditor = accreditor.id
    sequence = statement.sequence
    status = statement.word.status
    issued = statement.issued.description
    from = statement.effective.description
    var credential: EntityCredential?
    var reason: EntityReason?
    var successor: NodeID?
    switch statement.word {
    case .issued(let issued): credential = issued
    case .suspended(let given), .revoked(let given): reason = given
    case .rotated(let other): successor = other
    case .reinstated: break
    }
    organization = credential?.organization
    npi = credential?.npi.description
    until = credential?.expires.description
    self.reason = reason
    self.successor = successor?.description
  }
}

/// What is known of an entity.
public struct EntityDetail: Sendable, Encodable {
  public let entity: EntitySummary
  /// By accreditor, in the order of their numbers.
  public let statements: [EntityStatementSummary]
}
