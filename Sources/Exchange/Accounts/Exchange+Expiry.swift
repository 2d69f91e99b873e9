import Audit
import Consent
import Foundation
import Identity
import Primitives

extension Exchange {
  /// Takes away what has run out: sessions, grants of apps and their refresh tokens with an entry in the
  /// log; tickets, codes, requests and counted tries without. Nothing of it was good any more.
  ///
  /// - Returns: how many were taken away.
  public func removeExpired() async throws -> Int {
    var removed = 0
    for kind in [
      ItemKind.throttle, .ticket, .pushedRequest, .authorizationCode, .session, .sessionActivity,
      .appGrant, .refreshFamily, .accountInvitation, .launch, .mail,
    ] {
      var position: [UInt8]?
      repeat {
        let (last, expired) = try await expired(kind, after: position)
        position = last
        guard !expired.isEmpty else { continue }
        try await remove(expired, kind)
        removed += expired.count
      } while position != nil
    }
    return removed
  }

  private static var expiryPage: Int { 100 }

  /// A page of a kind: where it ends, nil for the last one, and what of it has run out.
  private func expired(
    _ kind: ItemKind, after position: [UInt8]?
  ) async throws -> (last: [UInt8]?, expired: [(key: [UInt8], sealed: [UInt8])]) {
    let now = clock.now()
    return try await store.read { [self] snapshot in
      let page = try snapshot.items(kind, prefix: [], after: position, limit: Self.expiryPage)
      let expired = try page.filter { try isOver(kind, $0.key, $0.sealed, now, in: snapshot) }
      return (page.count == Self.expiryPage ? page.last?.key : nil, expired)
    }
  }

  private func isOver(
    _ kind: ItemKind, _ key: [UInt8], _ sealed: [UInt8], _ time: Instant,
    in snapshot: any StoreSnapshot
  ) throws -> Bool {
    let now = time.millisecondsSinceEpoch
    switch kind {
    case .ticket:
      return try decode(sealed, kind, key, as: SpentTicket.self).expiresAt <= now
    case .pushedRequest:
      return try decode(sealed, kind, key, as: PushedRequest.self).expiresAt <= now
    case .launch:
      return try decode(sealed, kind, key, as: LaunchRecord.self).expiresAt <= now
    case .authorizationCode:
      // A code that was used still tells of a replay, as long as what came of it may last.
      let code = try decode(sealed, kind, key, as: AuthorizationCode.self)
      return code.expires.adding(seconds: sessions.absolute) <= time
    case .throttle:
      // Whoever has not tried for a day has all tries back, whatever the limit was.
      return try decode(sealed, kind, key, as: TokenBucket.self).isOlder(than: now - 86_400_000)
    case .sessionActivity: return try snapshot.item(.session, key: key) == nil
    case .session:
      let record = try decode(sealed, kind, key, as: SessionRecord.self)
      return try now - record.createdAt >= sessions.absolute * 1000
        || !isAlive(
          session: key, of: AccountID(bytes: Array(key.prefix(AccountID.byteCount))),
          in: snapshot)
    case .appGrant:
      return try decode(sealed, kind, key, as: AppGrantRecord.self).expiresAt <= now
    case .refreshFamily:
      return try decode(sealed, kind, key, as: RefreshFamily.self).isExpired(at: time)
    case .accountInvitation:
      return try decode(sealed, kind, key, as: AccountInvitationRecord.self).expiresAt <= now
    case .mail:
      let job = try decode(sealed, kind, key, as: MailJob.self)
      return !job.isWaiting && job.lastSent <= now - 86_400_000
    default: return false
    }
  }

  /// Only what is still as it was looked at goes: a session that was used meanwhile stays.
  private func remove(
    _ expired: [(key: [UInt8], sealed: [UInt8])], _ kind: ItemKind
  ) async throws {
    guard kind.isInLedger else {
      return try await store.write { transaction in
        for (key, sealed) in expired where try transaction.item(kind, key: key) == sealed {
          try transaction.deleteItem(kind, key: key)
        }
      }
    }
    try await pass { [self] snapshot in
      var passage = Passage(outcome: .success(()))
      var draft = EventDraft(kind: kind == .session ? .signOut : .tokenRevoked)
      draft.reasons = ["expired"]
      for (key, sealed) in expired where try snapshot.item(kind, key: key) == sealed {
        var change = ItemChange(kind: kind, key: key, sealed: nil)
        change.before = .exactly(sealed)
        passage.change(change, &draft)
      }
      if !draft.items.isEmpty {
        passage.entries = [try entry(draft, nodeOperator(), at: clock.now())]
      }
      return passage
    }
  }

  private func decode<Value: Decodable>(
    _ sealed: [UInt8], _ kind: ItemKind, _ key: [UInt8], as type: Value.Type
  ) throws -> Value {
    try decode(sealed, kind, key)
  }

  private func isAlive(
    session key: [UInt8], of account: AccountID?, in snapshot: any StoreSnapshot
  ) throws -> Bool {
    try account.map { try isAlive(session: key, of: $0, in: snapshot) } ?? false
  }
}
