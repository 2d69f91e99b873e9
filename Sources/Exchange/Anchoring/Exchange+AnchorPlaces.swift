import Audit
import Consent
import Foundation
public import Primitives
public import TransparencyLog

/// A place to which anchors go, as people and programs see it.
public struct AnchorPlaceSummary: Sendable, Encodable {
  public let name: String
  public let kind: LogAnchorKind
  /// Of the node, the first calendar, or the authority.
  public let address: String
  /// Seconds between two anchors.
  public let interval: Int64
  public let chain: String?
  /// The account that pays.
  public let account: String?
  public let registry: String?

  init(_ place: AnchorPlace, _ turn: AnchorTurn) {
    name = place.name
    kind = place.kind
    interval = place.interval
    account = place.key?.address.description
    switch place.target {
    case .chain(let target):
      address = target.node.url
      chain = target.name
      registry = (target.registry ?? turn.registry)?.description
    case .calendars(let target):
      address = target.calendars.first?.url ?? ""
      chain = "bitcoin"
      registry = nil
    case .authority(let target):
      address = target.address.url
      chain = nil
      registry = nil
    }
  }
}

extension Exchange {
  private static var mostPlaces: Int { 16 }

  /// Names a place to which anchors of this node's log go from now on.
  ///
  /// - Parameter accountKey: of the account that pays on a chain; nil for a new one.
  /// - Throws: `forbidden`; `conflict` for a name that is, or was, there; `invalid`.
  public func addAnchorPlace(
    _ place: AnchorPlace, accountKey: Redacted<[UInt8]>? = nil, as caller: Caller
  ) async throws -> AnchorPlaceSummary {
    try require(.manageKeys, caller)
    var place = place
    if case .chain = place.target {
      place.key =
        try accountKey.map { key throws(PeerChartError) in try EthereumKey(secret: key.exposed) }
        ?? EthereumKey.generate(random)
    }
    let added = place
    return try await pass { [self] snapshot in
      let key = Array(added.name.utf8)
      guard try snapshot.item(.anchorPlace, key: key) == nil else {
        throw PeerChartError(.conflict, "there is a provider of that name already")
      }
      guard try snapshot.itemKeys(.anchorPlace).count < Self.mostPlaces else {
        throw PeerChartError(.tooLarge, "there are \(Self.mostPlaces) providers already")
      }
      // Anchors of another account under the same name would be taken for this one's.
      guard try snapshot.item(.anchorTurn, key: key) == nil,
        try allAnchors(added.name, 1, in: snapshot).isEmpty
      else {
        throw PeerChartError(
          .conflict, "a provider of that name was there before; take another name")
      }
      let turn = AnchorTurn()
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = [
        "change": "anchor-provider-added", "provider": added.name, "kind": added.kind.rawValue,
      ]
      if let account = added.key?.address { draft.detail["account"] = account.description }
      var passage = Passage(outcome: .success(AnchorPlaceSummary(added, turn)))
      passage.change(try keeping(.anchorPlace, key, added, after: snapshot), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// The places to which anchors go.
  public func anchorPlaces(as caller: Caller) async throws -> [AnchorPlaceSummary] {
    try require(.seeTrust, caller)
    return try await store.read { [self] snapshot in
      try items(.anchorPlace, as: AnchorPlace.self, in: snapshot)
        .map { AnchorPlaceSummary($0.value, try anchorTurn($0.value.name, in: snapshot)) }
    }
  }

  /// Sends no more anchors there, and forgets the account's key. Its name is not given again.
  ///
  /// - Throws: `not-found`.
  public func removeAnchorPlace(_ name: String, as caller: Caller) async throws {
    try require(.manageKeys, caller)
    try await pass { [self] snapshot in
      let key = Array(name.utf8)
      guard try snapshot.item(.anchorPlace, key: key) != nil else { throw Self.noPlace }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["change": "anchor-provider-removed", "provider": name]
      var passage = Passage(outcome: .success(()))
      passage.change(ItemChange(kind: .anchorPlace, key: key, sealed: nil), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  static let noPlace = PeerChartError(.notFound, "there is no provider of that name")

  func anchorPlace(_ name: String, in snapshot: any StoreSnapshot) throws -> AnchorPlace {
    guard let place: AnchorPlace = try item(.anchorPlace, Array(name.utf8), in: snapshot) else {
      throw Self.noPlace
    }
    return place
  }

  func anchorTurn(_ place: String, in snapshot: any StoreSnapshot) throws -> AnchorTurn {
    try item(.anchorTurn, Array(place.utf8), in: snapshot) ?? AnchorTurn()
  }
}
