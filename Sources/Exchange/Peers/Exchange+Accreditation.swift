import Audit
import Consent
import Crypto
public import Identity
import Primitives

extension Exchange {
  private static var ownStatement: [UInt8] { Array("own".utf8) }
  private static var mostAccreditors: Int { 64 }

  /// This node as others trust it who take its word on organizations.
  public var asAccreditor: Accreditor {
    Accreditor(name: name.exposed, key: identity.signing.publicKey)
  }

  // MARK: Whose word is taken

  /// - Parameter json: as `Accreditor` writes it.
  /// - Throws: `forbidden`, `step-up-required`; `malformed` for what is no accreditor.
  public func trustAccreditor(_ json: [UInt8], as caller: Caller) async throws -> AccreditorSummary
  {
    let accreditor = try Accreditor(parsing: json)
    return try await pass { [self] snapshot in
      try require(.managePeers, caller)
      let known = try items(.accreditor, as: AccreditorRecord.self, in: snapshot)
      guard known.count < Self.mostAccreditors else {
        throw PeerChartError(.tooLarge, "these are more accreditors than a node takes the word of")
      }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["accreditor": accreditor.id, "change": "trusted"]
      var passage = Passage(
        outcome: .success(AccreditorSummary(id: accreditor.id, name: accreditor.name)))
      passage.change(
        try keeping(
          .accreditor, Array(accreditor.id.utf8), AccreditorRecord(json: accreditor.json)), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

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
  public func accreditors(as caller: Caller) async throws -> [AccreditorSummary] {
    try require(.managePeers, caller)
    return try await store.read { [self] snapshot in
      try accreditors(in: snapshot).map { AccreditorSummary(id: $0.id, name: $0.name) }
        .sorted { $0.name < $1.name }
    }
  }

  func accreditors(in snapshot: any StoreSnapshot) throws -> [Accreditor] {
    try items(.accreditor, as: AccreditorRecord.self, in: snapshot)
      .compactMap { try? Accreditor(parsing: $0.value.json) }
  }

  // MARK: Statements

  /// Says, in this node's name, which organization another node is of.
  ///
  /// - Returns: the statement, to be handed to that node.
  /// - Throws: `forbidden`, `step-up-required`.
  public func accredit(
    _ statement: AccreditationStatement, as caller: Caller
  ) async throws -> String {
    try await pass { [self] _ in
      try require(.managePeers, caller)
      var draft = EventDraft(kind: .documentIssued)
      draft.detail = [
        "peer": statement.node.description, "npi": statement.npi.description,
        "until": statement.expires.description,
      ]
      return Passage(
        outcome: .success(try statement.signed(by: identity.signing, named: name.exposed)),
        entries: [try entry(draft, caller, at: clock.now())])
    }
  }

  /// Keeps what an accreditor says of this node: it goes out with each request for access.
  ///
  /// - Throws: `invalid` for a statement about another node, or one that holds no more.
  public func keepAccreditation(
    _ text: String, as caller: Caller
  ) async throws -> AccreditationStatement {
    let statement = try AccreditationStatement.unverified(text)
    return try await pass { [self] _ in
      try require(.managePeers, caller)
      guard statement.node == nodeID, clock.now() < statement.expires else {
        throw PeerChartError(.invalid, "this statement is about another node, or holds no more")
      }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["npi": statement.npi.description, "change": "accredited"]
      var passage = Passage(outcome: .success(statement))
      passage.change(
        try keeping(.accreditation, Self.ownStatement, AccreditationRecord(statement: text)),
        &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// What goes out with requests; nil where nothing was kept, or it holds no more.
  func ownAccreditation(at time: Instant, in snapshot: any StoreSnapshot) throws -> String? {
    let kept: AccreditationRecord? = try item(.accreditation, Self.ownStatement, in: snapshot)
    return kept.flatMap { kept in
      let expires = try? AccreditationStatement.unverified(kept.statement).expires
      return expires.map { time < $0 } == true ? kept.statement : nil
    }
  }

  /// What is to be believed of what a paired node has shown: signed by somebody whose word is taken here,
  /// about this very node, and not out of its time.
  func accreditation(
    of peer: PeerRecord, by accreditors: [Accreditor], at time: Instant
  ) -> AccreditationSummary? {
    guard let text = peer.accreditation,
      let (statement, accreditor) = try? AccreditationStatement.verify(
        text, by: accreditors, at: time),
      statement.node.description == peer.node
    else { return nil }
    return AccreditationSummary(statement, by: accreditor)
  }
}
