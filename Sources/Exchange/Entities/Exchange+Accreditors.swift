import Audit
import Consent
import Crypto
public import Identity
import Primitives

/// How far an accreditor's word is taken.
public struct AccreditorPolicy: Sendable, Hashable {
  /// The longest that can be asked for, in seconds: ten years.
  static let longestFreshness: Int64 = 10 * 366 * 86_400

  /// How old the newest that is known of it about an entity may be for this to be shown as verified, in
  /// seconds; nil for however old.
  public var freshness: Int64?
  /// Whether only its word against entities is taken: its suspensions, revocations and replaced keys.
  public var withdrawalsOnly: Bool

  public init(freshness: Int64? = nil, withdrawalsOnly: Bool = false) {
    self.freshness = freshness
    self.withdrawalsOnly = withdrawalsOnly
  }
}

/// An accreditor whose word is taken here.
public struct AccreditorSummary: Sendable, Encodable {
  /// The thumbprint of its key.
  public let id: String
  public let name: String
  /// In seconds; nil for however old.
  public let freshness: Int64?
  public let withdrawalsOnly: Bool
  /// Where it is asked, as it said itself; empty where it did not.
  public let addresses: [String]

  init(_ accreditor: Accreditor, _ policy: AccreditorPolicy) {
    id = accreditor.id
    name = accreditor.name
    freshness = policy.freshness
    withdrawalsOnly = policy.withdrawalsOnly
    addresses = accreditor.place?.addresses.map(\.description) ?? []
  }
}

extension Exchange {
  private static var mostAccreditors: Int { 64 }

  /// This node as others trust it who take its word on organizations.
  public var asAccreditor: Accreditor {
    Accreditor(name: name.exposed, key: identity.signing.publicKey)
  }

  /// As above, with where it is asked for its newest word.
  ///
  /// - Throws: `invalid` for more addresses than it can have, or none.
  public func asAccreditor(at addresses: [NodeAddress]) throws -> Accreditor {
    try Accreditor(statement, addresses: addresses)
  }

  /// Takes the word of an accreditor, or changes how far it is taken.
  ///
  /// - Parameter json: as `Accreditor` writes it.
  /// - Throws: `forbidden`, `step-up-required`; `malformed` for what is no accreditor; `invalid`.
  public func trustAccreditor(
    _ json: [UInt8], policy: AccreditorPolicy = AccreditorPolicy(), as caller: Caller
  ) async throws -> AccreditorSummary {
    let accreditor = try Accreditor(parsing: json)
    guard (1...AccreditorPolicy.longestFreshness).contains(policy.freshness ?? 1) else {
      throw PeerChartError(.invalid, "knowledge may be a second to ten years old")
    }
    return try await pass { [self] snapshot in
      try require(.managePeers, caller)
      let key = Array(accreditor.id.utf8)
      let known = try snapshot.itemKeys(.accreditor)
      guard known.count < Self.mostAccreditors || known.contains(key) else {
        throw PeerChartError(.tooLarge, "these are more accreditors than a node takes the word of")
      }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["accreditor": accreditor.id, "change": "trusted"]
      if let freshness = policy.freshness { draft.detail["freshness"] = String(freshness) }
      if policy.withdrawalsOnly { draft.detail["takes"] = "withdrawals" }
      var passage = Passage(outcome: .success(AccreditorSummary(accreditor, policy)))
      passage.change(
        try keeping(
          .accreditor, key,
          AccreditorRecord(
            json: accreditor.json, freshness: policy.freshness,
            withdrawalsOnly: policy.withdrawalsOnly)), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// Takes an accreditor's word no more. What it said is kept, and counts again if its word is.
  ///
  /// - Throws: `not-found` for one whose word is not taken.
  public func removeAccreditor(_ id: String, as caller: Caller) async throws {
    try await pass { [self] snapshot in
      try require(.managePeers, caller)
      let key = Array(id.utf8)
      guard try snapshot.item(.accreditor, key: key) != nil else {
        throw PeerChartError(
          .notFound, "there is no accreditor of that id; `accreditor list` shows them")
      }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["accreditor": id, "change": "removed"]
      var passage = Passage(outcome: .success(()))
      passage.change(ItemChange(kind: .accreditor, key: key, sealed: nil), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// The accreditors whose word is taken here, by name.
  ///
  /// - Throws: `forbidden`.
  public func accreditors(as caller: Caller) async throws -> [AccreditorSummary] {
    try require(.seeTrust, caller)
    return try await store.read { [self] snapshot in
      try trustedAccreditors(in: snapshot).filter { !$0.isSelf }.map {
        AccreditorSummary(
          $0.accreditor,
          AccreditorPolicy(freshness: $0.freshness, withdrawalsOnly: $0.withdrawalsOnly))
      }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }
  }
}
