import Audit
public import ClinicalFormats
import Consent
import Crypto
import Foundation
import Identity
public import Primitives

/// An issuer of health cards that this node trusts, as kept.
private struct CardIssuerRecord: Codable {
  var address: String
  var name: String
  var keys: Data
  /// Lists of revoked cards, as published.
  var lists: [Data]
  var fetchedAt: Int64

  func issuer() throws -> HealthCardIssuer {
    HealthCardIssuer(
      address: address, name: name, keySet: try HealthCardKeySet(parsing: Array(keys)),
      lists: lists.compactMap { try? HealthCardRevocationList(parsing: Array($0)) })
  }
}

/// An issuer of health cards that this node trusts.
public struct CardIssuerSummary: Sendable, Encodable {
  public let address: String
  public let name: String
  /// How many keys it has.
  public let keys: Int
  /// When its keys and lists were read.
  public let read: Instant
  /// What is wrong with its keys.
  public let findings: [HealthCardFinding]
}

extension Exchange {
  /// Trusts an issuer of health cards, or what it publishes now where it is trusted already.
  ///
  /// - Parameters:
  ///   - name: what people here call it; nil keeps the name that it has.
  ///   - keys: its key set.
  ///   - lists: its lists of revoked cards.
  /// - Throws: `forbidden`; `invalid` for what is no address of an issuer, or keys without a good one;
  ///   `malformed`, `tooLarge`.
  public func trustCardIssuer(
    _ address: String, name: String?, keys: [UInt8], lists: [[UInt8]], as caller: Caller
  ) async throws -> CardIssuerSummary {
    try require(.managePeers, caller)
    guard HealthCardIssuer.isAddress(address) else {
      throw PeerChartError(
        .invalid, "an issuer is known by an https address without a slash at its end")
    }
    let keySet = try HealthCardKeySet(parsing: keys)
    guard keySet.keys.contains(where: { !$0.findings.hasErrors }) else {
      throw PeerChartError(.invalid, "none of these keys can sign a health card")
    }
    for list in lists { _ = try HealthCardRevocationList(parsing: list) }
    let key = Self.issuerKey(address)
    return try await pass { [self] snapshot in
      let known: CardIssuerRecord? = try item(.cardIssuer, key, in: snapshot)
      guard let name = name ?? known?.name, (1...100).contains(name.utf8.count) else {
        throw PeerChartError(.invalid, "an issuer is given a name of 1 to 100 bytes", place: "name")
      }
      let record = CardIssuerRecord(
        address: address, name: name, keys: Data(keys), lists: lists.map { Data($0) },
        fetchedAt: clock.now().millisecondsSinceEpoch)
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["card-issuer": address]
      var passage = Passage(outcome: .success(try Self.summary(record)))
      passage.change(try keeping(.cardIssuer, key, record, after: snapshot), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// Reads what an issuer publishes now, and trusts it.
  ///
  /// - Parameter hosts: which hosts may be off the public network.
  /// - Throws: as above; `unreachable`, and `invalid` for an address that is not fetched from.
  public func fetchCardIssuer(
    _ address: String, name: String?, using fetcher: any WebFetcher,
    named hosts: NotificationHosts = .none, as caller: Caller
  ) async throws -> CardIssuerSummary {
    try require(.managePeers, caller)
    guard HealthCardIssuer.isAddress(address) else {
      throw PeerChartError(
        .invalid, "an issuer is known by an https address without a slash at its end")
    }
    func get(_ url: String, limit: Int) async throws -> [UInt8] {
      let answer = try await fetch(
        "GET", FetchAddress(url), limit: limit, named: hosts, using: fetcher)
      guard answer.status == 200 else {
        throw PeerChartError(.unreachable, "the issuer answers \(answer.status)")
      }
      return answer.body
    }
    let keys = try await get(
      HealthCardIssuer.keysAddress(of: address), limit: HealthCardKeySet.maximumBytes)
    let keySet = try HealthCardKeySet(parsing: keys)
    var lists: [[UInt8]] = []
    for key in keySet.keys.prefix(CardKeyRing.maximumKeys)
    where key.listVersion != nil && key.key != nil {
      lists.append(
        try await get(
          HealthCardIssuer.listAddress(of: address, keyID: key.keyID),
          limit: HealthCardRevocationList.maximumBytes))
    }
    return try await trustCardIssuer(address, name: name, keys: keys, lists: lists, as: caller)
  }

  /// Trusts an issuer no more.
  ///
  /// - Throws: `forbidden`, `notFound`.
  public func distrustCardIssuer(_ address: String, as caller: Caller) async throws {
    try require(.managePeers, caller)
    let key = Self.issuerKey(address)
    try await pass { [self] snapshot in
      guard try snapshot.item(.cardIssuer, key: key) != nil else {
        throw PeerChartError(.notFound, "this issuer is not trusted here")
      }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["card-issuer-removed": address]
      var passage = Passage(outcome: .success(()))
      passage.change(ItemChange(kind: .cardIssuer, key: key, sealed: nil), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// The issuers that are trusted, by address.
  public func cardIssuers(as caller: Caller) async throws -> [CardIssuerSummary] {
    try require(.managePeers, caller)
    return try await store.read { [self] snapshot in
      try items(.cardIssuer, as: CardIssuerRecord.self, in: snapshot)
        .map { try Self.summary($0.value) }.sorted { $0.address < $1.address }
    }
  }

  /// What is known of the issuers that cards name: this node, and those that it trusts.
  func knownIssuers(in snapshot: any StoreSnapshot) throws -> [String: HealthCardIssuer] {
    var known: [String: HealthCardIssuer] = [:]
    for (_, record) in try items(.cardIssuer, as: CardIssuerRecord.self, in: snapshot) {
      known[record.address] = try record.issuer()
    }
    if let ring = try cardKeyRing(in: snapshot) {
      for address in ring.issuers {
        known[address] = try ring.issuer(address, name: name.exposed)
      }
    }
    return known
  }

  private static func issuerKey(_ address: String) -> [UInt8] {
    Array(SHA256.hash(data: Array(address.utf8)).prefix(16))
  }

  private static func summary(_ record: CardIssuerRecord) throws -> CardIssuerSummary {
    let keySet = try HealthCardKeySet(parsing: Array(record.keys))
    return CardIssuerSummary(
      address: record.address, name: record.name, keys: keySet.keys.count,
      read: Instant(millisecondsSinceEpoch: record.fetchedAt),
      findings: keySet.findings(issuer: record.address))
  }
}
