import Audit
import Consent
import Foundation
public import Identity
import Primitives
import Synchronization

/// The keys that sign tokens, as kept: one row for all instances.
private struct TokenKeyRecord: Codable {
  var ring: Data
}

extension Exchange {
  private static let tokenKeys = Array("token-keys".utf8)
  /// How long one key signs, in seconds.
  private static let keyAge: Int64 = 30 * 86_400

  /// The keys that sign tokens now, made or replaced where it is time.
  func signingKeys() async throws -> SigningKeyRing {
    if let ring = try await store.read({ [self] in try keyRing(in: $0) }), isFresh(ring) {
      return ring
    }
    return try await pass { [self] snapshot in
      let now = clock.now()
      let known = try keyRing(in: snapshot)
      if let known, isFresh(known) { return Passage(outcome: .success(known)) }
      let ring =
        try known?.rotated(random: random, at: now) ?? SigningKeyRing(random: random, at: now)
      var draft = EventDraft(kind: known == nil ? .keyCreated : .keyRotated)
      draft.detail = ["key": "tokens"]
      var passage = Passage(outcome: .success(ring))
      passage.change(
        try keeping(
          .tokenKeys, Self.tokenKeys, TokenKeyRecord(ring: Data(ring.serialized.exposed)),
          after: snapshot), &draft)
      passage.entries = [try entry(draft, nodeOperator(), at: now)]
      return passage
    }
  }

  func keyRing(in snapshot: any StoreSnapshot) throws -> SigningKeyRing? {
    try snapshot.item(.tokenKeys, key: Self.tokenKeys).map { sealed in
      try keyRings.ring(sealed: sealed) {
        let record: TokenKeyRecord = try decode(sealed, .tokenKeys, Self.tokenKeys)
        return try SigningKeyRing(serialized: Redacted(Array(record.ring)))
      }
    }
  }

  private func isFresh(_ ring: SigningKeyRing) -> Bool {
    clock.now() < ring.since.adding(seconds: Self.keyAge)
  }

  /// The public halves, for everybody (RFC 7517).
  public func tokenKeys() async throws -> JWKSet {
    try await signingKeys().published(at: clock.now())
  }
}

/// The keys of the last row that was read, together with that row: reading an RSA key takes longer than
/// most requests.
final class KeyRingMemory: Sendable {
  private let known = Mutex<(sealed: [UInt8], ring: SigningKeyRing)?>(nil)

  func ring(sealed: [UInt8], read: () throws -> SigningKeyRing) rethrows -> SigningKeyRing {
    if let known = known.withLock({ $0 }), known.sealed == sealed { return known.ring }
    let ring = try read()
    known.withLock { $0 = (sealed, ring) }
    return ring
  }
}

/// Tokens whose signature was checked, by their text: what they say of themselves does not change. What
/// they rest on is looked up with each request.
final class CheckedTokens: Sendable {
  private static let capacity = 4096
  private let tokens = Mutex<[String: AccessTokenClaims]>([:])

  func claims(_ text: String, check: () throws -> AccessTokenClaims) rethrows -> AccessTokenClaims {
    if let known = tokens.withLock({ $0[text] }) { return known }
    let claims = try check()
    tokens.withLock { tokens in
      if tokens.count >= Self.capacity { tokens.removeAll() }
      tokens[text] = claims
    }
    return claims
  }
}
