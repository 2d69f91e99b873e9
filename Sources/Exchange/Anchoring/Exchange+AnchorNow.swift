import Audit
import Consent
import Crypto
import Foundation
import Primitives
public import TransparencyLog

/// Anchors that somebody asks for, and what has become of all of them.
extension Exchange {
  private static var page: Int { 1000 }

  /// Notes that anchors are asked for, which makes a checkpoint of its own.
  ///
  /// - Parameter name: of the provider; nil for all.
  /// - Returns: the names, and the size that is to be anchored.
  public func requestAnchors(
    _ name: String?, as caller: Caller
  ) async throws -> (names: [String], size: Int64) {
    try require(.manageKeys, caller)
    let names = try await pass { [self] snapshot in
      let all = try items(.anchorPlace, as: AnchorPlace.self, in: snapshot).map(\.value.name)
      let names = all.filter { name == nil || $0 == name }
      guard !names.isEmpty else { throw Self.noPlace }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["change": "anchors-requested"]
      var passage = Passage(outcome: .success(names))
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
    return (names, try await store.read { try $0.newestCheckpoint()?.size ?? 0 })
  }

  /// Takes a step towards an anchor over at least so many entries.
  ///
  /// - Returns: how far it is; nil while an earlier one has to be waited for.
  public func pushAnchor(
    _ name: String, over size: Int64, using transport: any AnchorTransport, as caller: Caller
  ) async throws -> LogAnchorSummary? {
    try require(.manageKeys, caller)
    let place = try await store.read { [self] in try anchorPlace(name, in: $0) }
    if try await store.read({ [self] in try anchorTurn(name, in: $0).size }) < size {
      _ = try await beginAnchor(place, at: clock.now().millisecondsSinceEpoch)
    }
    try await advance(place, using: transport, isUrgent: true)
    return try await anchors(of: name, limit: 4, as: caller).last {
      $0.subject == "checkpoint" && $0.finding.size >= UInt64(clamping: size)
    }
  }

  /// Puts the registry on a provider's chain.
  ///
  /// - Throws: `conflict` where there is one.
  public func deployRegistry(_ name: String, as caller: Caller) async throws {
    try await begin(.deployment, at: name, "registry-deployed", as: caller)
  }

  /// Writes on a chain that a document or a grant is revoked: a salted hash, which says nothing to anybody
  /// who is not given the salt.
  ///
  /// - Returns: the salt, for those who are to find it.
  public func anchorRevocation(
    of subject: RevocationKey.Subject, id: String, at name: String, as caller: Caller
  ) async throws -> [UInt8] {
    let salt = random.bytes(32)
    guard let key = RevocationKey.key(subject, id: id, salt: salt) else {
      throw PeerChartError(.invalid, "a salt has 32 bytes")
    }
    try await begin(
      .revocation(key: Data(key.bytes), salt: Data(salt)), at: name, "revocation-anchored",
      as: caller)
    return salt
  }

  private func begin(
    _ subject: LogAnchorRecord.Subject, at name: String, _ change: String, as caller: Caller
  ) async throws {
    try require(.manageKeys, caller)
    try await pass { [self] snapshot in
      guard case .chain(let chain) = try anchorPlace(name, in: snapshot).target else {
        throw PeerChartError(.invalid, "this provider is no chain")
      }
      let registry = try chain.registry ?? anchorTurn(name, in: snapshot).registry
      let isDeployment = if case .deployment = subject { true } else { false }
      guard isDeployment == (registry == nil) else {
        throw PeerChartError(
          .conflict, isDeployment ? "there is a registry already" : "there is no registry yet")
      }
      guard try !openAnchors(name, in: snapshot).contains(where: { $0.state == .pending }) else {
        throw PeerChartError(.conflict, "an earlier transaction is still under way; try again")
      }
      let time = clock.now()
      let anchor = LogAnchorRecord(
        place: name, subject: subject, number: isDeployment ? 0 : time.millisecondsSinceEpoch,
        at: time.millisecondsSinceEpoch)
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["change": change, "provider": name]
      var passage = Passage(outcome: .success(()))
      passage.also { [self] in try put(anchor, $0) }
      passage.entries = [try entry(draft, caller, at: time)]
      return passage
    }
  }

  /// Takes a step with what is under way at a provider.
  public func pushAnchors(
    _ name: String, using transport: any AnchorTransport, as caller: Caller
  ) async throws {
    try require(.manageKeys, caller)
    let place = try await store.read { [self] in try anchorPlace(name, in: $0) }
    try await advance(place, using: transport, isUrgent: true)
  }

  /// The newest anchors of a provider, the oldest of them first.
  public func anchors(
    of name: String, limit: Int, as caller: Caller
  ) async throws -> [LogAnchorSummary] {
    try require(.seeTrust, caller)
    return try await store.read { [self] snapshot in
      let place = try anchorPlace(name, in: snapshot)
      return try allAnchors(name, limit, in: snapshot)
        .map { LogAnchorSummary($0, kind: place.kind, place: place.placeName) }
    }
  }

  /// All records of a place by size; of many, the last.
  func allAnchors(
    _ name: String, _ limit: Int = .max, in snapshot: any StoreSnapshot
  ) throws -> [LogAnchorRecord] {
    let prefix = LogAnchorRecord.prefix(name, settled: true)
    var settled: [(key: [UInt8], sealed: [UInt8])] = []
    while true {
      let more = try snapshot.items(
        .logAnchor, prefix: prefix, after: settled.last?.key, limit: Self.page)
      settled += more
      guard more.count == Self.page else { break }
    }
    let records =
      try settled.suffix(limit).map {
        try decode($0.sealed, .logAnchor, $0.key, LogAnchorRecord.self)
      }
      + openAnchors(name, in: snapshot)
    return Array(
      records.sorted { ($0.createdAt, $0.number) < ($1.createdAt, $1.number) }.suffix(limit))
  }

  private func decode<Value: Decodable>(
    _ sealed: [UInt8], _ kind: ItemKind, _ key: [UInt8], _ type: Value.Type
  ) throws -> Value {
    try decode(sealed, kind, key)
  }
}
