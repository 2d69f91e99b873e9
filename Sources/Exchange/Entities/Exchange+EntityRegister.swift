import Audit
import Consent
import Crypto
import Foundation
public import Identity
public import Primitives

/// What an accreditor changes of what it has said about an entity.
public enum EntityChange: Sendable {
  /// - Parameter effective: since when; nil for now.
  case suspend(EntityReason, effective: Instant?)
  case reinstate
  /// - Parameter effective: since when: of a key that somebody else may have, since he may have it.
  case revoke(EntityReason, effective: Instant?)
}

extension Exchange {
  /// Says, in this node's name, which organization another node is of; or says it anew, for longer.
  ///
  /// - Parameter lifetime: seconds.
  /// - Returns: the statement, to be handed to that node.
  /// - Throws: `forbidden`, `step-up-required`; `conflict` for an entity that is suspended, or whose
  ///   accreditation has ended; `invalid`.
  public func issueEntity(
    _ node: NodeID, organization: String, npi: NationalProviderIdentifier, lifetime: Int64,
    as caller: Caller
  ) async throws -> String {
    let statements = try await say(as: caller) { [self] snapshot, now in
      let standing = try register(of: node, in: snapshot).history(of: node).standing(at: now)
      guard standing.state <= .accredited else { throw Self.notAccredited(standing) }
      let credential = try EntityCredential(
        organization: organization, npi: npi, expires: now.adding(seconds: lifetime))
      return [(node, .issued(credential), nil)]
    }
    return try Self.first(statements)
  }

  /// Suspends, reinstates or revokes what this node has said about an entity.
  ///
  /// - Returns: the statement, for whoever is to know at once.
  /// - Throws: `forbidden`, `step-up-required`; `not-found` for an entity of which nothing was said;
  ///   `conflict` for a change that does not lead on from how it stands; `invalid` for a time to come.
  public func changeEntity(
    _ node: NodeID, _ change: EntityChange, as caller: Caller
  ) async throws -> String {
    let statements = try await say(as: caller) { [self] snapshot, now in
      let history = try register(of: node, in: snapshot).history(of: node)
      guard history.newest != nil else { throw Self.notInRegister }
      let standing = history.standing(at: now)
      switch change {
      case .suspend(let reason, let effective):
        guard standing.state == .accredited || standing.state == .expired else {
          throw Self.notAccredited(standing)
        }
        return [(node, .suspended(reason), effective)]
      case .reinstate:
        guard standing.state == .suspended else {
          throw PeerChartError(.conflict, "this entity is not suspended")
        }
        return [(node, .reinstated, nil)]
      case .revoke(let reason, let effective):
        guard standing.state != .revoked else { throw Self.notAccredited(standing) }
        return [(node, .revoked(reason), effective)]
      }
    }
    return try Self.first(statements)
  }

  /// Says that an organization goes on under another node's keys, for the rest of its time.
  ///
  /// - Returns: the statement about the old node, and that about the new one.
  /// - Throws: as `changeEntity`; `conflict` where the old one is not accredited, or of the new one something
  ///   was said before.
  public func rotateEntity(
    _ node: NodeID, to successor: NodeID, as caller: Caller
  ) async throws -> [String] {
    try await say(as: caller) { [self] snapshot, now in
      let history = try register(of: node, in: snapshot).history(of: node)
      guard history.newest != nil else { throw Self.notInRegister }
      let standing = history.standing(at: now)
      guard standing.state == .accredited, let credential = standing.credential else {
        throw Self.notAccredited(standing)
      }
      guard try register(of: successor, in: snapshot).statements.isEmpty else {
        throw PeerChartError(.conflict, "something was said about the new node before")
      }
      return [(node, .rotated(to: successor), nil), (successor, .issued(credential), nil)]
    }
  }

  private typealias Said = (node: NodeID, word: EntityStatement.Word, effective: Instant?)

  /// Signs statements about different nodes, each with the next number of its node and an entry of its own.
  private func say(
    as caller: Caller, _ decide: @escaping @Sendable (any StoreSnapshot, Instant) throws -> [Said]
  ) async throws -> [String] {
    try await pass { [self] snapshot in
      try require(.managePeers, caller)
      let now = clock.now()
      var signed: [String] = []
      var passage = Passage<[String]>(outcome: .success([]))
      for said in try decide(snapshot, now) {
        var record = try register(of: said.node, in: snapshot)
        let last = try record.history(of: said.node).statements.map(\.sequence).max() ?? 0
        guard record.statements.count < EntityRecord.mostStatements || said.word.status == .revoked
        else { throw PeerChartError(.tooLarge, "so much was said about this entity already") }
        let statement = try EntityStatement(
          about: said.node, sequence: last + 1, said.word, effective: said.effective, at: now)
        let text = try statement.signed(by: identity.signing, named: name.exposed)
        record.statements.append(text)
        signed.append(text)
        var draft = EventDraft(kind: .entityStatement)
        draft.detail = Self.detail(of: statement, by: asAccreditor)
        passage.change(
          try keeping(.issuedEntity, said.node.bytes, record, after: snapshot), &draft)
        passage.entries.append(try entry(draft, caller, at: now))
      }
      passage.outcome = .success(signed)
      return passage
    }
  }

  func register(of node: NodeID, in snapshot: any StoreSnapshot) throws -> EntityRecord {
    try item(.issuedEntity, node.bytes, in: snapshot) ?? EntityRecord()
  }

  /// What the log says of a statement that was made or learned.
  static func detail(
    of statement: EntityStatement, by accreditor: Accreditor
  ) -> [String: String] {
    var detail = [
      "peer": statement.node.description, "accreditor": accreditor.id,
      "status": statement.word.status.rawValue, "sequence": String(statement.sequence),
    ]
    switch statement.word {
    case .issued(let credential):
      detail["npi"] = credential.npi.description
      detail["until"] = credential.expires.description
    case .suspended(let reason), .revoked(let reason):
      detail["reason"] = reason.rawValue
      detail["from"] = statement.effective.description
    case .rotated(let successor): detail["successor"] = successor.description
    case .reinstated: break
    }
    return detail
  }

  private static func first(_ statements: [String]) throws -> String {
    guard let first = statements.first else {
      throw PeerChartError(.invalid, "nothing was said")
    }
    return first
  }

  private static var notInRegister: PeerChartError {
    PeerChartError(.notFound, "this node has said nothing about that entity")
  }

  private static func notAccredited(_ standing: EntityStanding) -> PeerChartError {
    PeerChartError(.conflict, "this entity is \(standing.state.rawValue)")
  }

  // MARK: For everybody

  /// What this node has said about an entity, for whoever asks: statements about organizations, never about
  /// people (docs/format/accreditation.md).
  ///
  /// - Returns: JSON, the statements in the order of their numbers.
  /// - Throws: `not-found` where it has said nothing.
  public func publishedEntity(_ node: NodeID) async throws -> [UInt8] {
    let record: EntityRecord? = try await store.read { [self] snapshot in
      try item(.issuedEntity, node.bytes, in: snapshot)
    }
    guard let record else { throw Self.notInRegister }
    return try EntityDocument(entity: node.description, statements: record.statements).json
  }
}
