import Audit
import ClinicalFormats
import Consent
import Identity
import Primitives

extension Exchange {
  private static let cardKeyRow = Array("card-keys".utf8)

  func cardKeyRing(in snapshot: any StoreSnapshot) throws -> CardKeyRing? {
    try item(.cardKeys, Self.cardKeyRow, in: snapshot)
  }

  /// Keeps the ring as it is now; of two who change it at once the second decides anew.
  func keeping(_ ring: CardKeyRing, after snapshot: any StoreSnapshot) throws -> ItemChange {
    try keeping(.cardKeys, Self.cardKeyRow, ring, after: snapshot)
  }

  /// Makes the key that signs health cards, or replaces one that is a year old.
  func prepareCardKeys() async throws {
    let now = clock.now()
    if let ring = try await store.read({ [self] in try cardKeyRing(in: $0) }), ring.isFresh(at: now)
    {
      return
    }
    try await renewCardKeys(nodeOperator()) { $0.isFresh(at: now) }
  }

  /// Has cards be signed by a fresh key from now on. The old ones stay published: cards are kept for years.
  ///
  /// - Throws: `forbidden`; `tooLarge` after 64 keys.
  public func rotateCardKeys(as caller: Caller) async throws {
    try require(.manageKeys, caller)
    try await renewCardKeys(caller) { _ in false }
  }

  private func renewCardKeys(
    _ caller: Caller, unless isGood: @escaping @Sendable (CardKeyRing) -> Bool
  ) async throws {
    try await pass { [self] snapshot in
      let now = clock.now()
      let known = try cardKeyRing(in: snapshot)
      if let known, isGood(known) { return Passage(outcome: .success(())) }
      let ring =
        try known?.rotated(random: random, at: now) ?? CardKeyRing(random: random, at: now)
      var draft = EventDraft(kind: known == nil ? .keyCreated : .keyRotated)
      draft.detail = ["key": "health-cards"]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(ring, after: snapshot), &draft)
      passage.entries = [try entry(draft, caller, at: now)]
      return passage
    }
  }

  /// The public keys that check this node's health cards, for everybody (`/.well-known/jwks.json`).
  public func cardKeySet() async throws -> [UInt8] {
    try await store.read { [self] snapshot in
      try cardKeyRing(in: snapshot)?.keySet ?? Array(#"{"keys":[]}"#.utf8)
    }
  }

  /// The list of the cards of a key that were revoked, for everybody.
  ///
  /// - Throws: `notFound` for another key.
  public func cardRevocationList(of key: String) async throws -> [UInt8] {
    let list = try await store.read { [self] snapshot in
      try cardKeyRing(in: snapshot)?.list(of: key)?.serialized
    }
    guard let list else {
      throw PeerChartError(.notFound, "this node has no key of that name")
    }
    return list
  }
}
