import Audit
import Consent
import Identity
import Primitives

/// What came of statements that were handed over.
public struct AddedEntityStatements: Sendable, Encodable {
  /// How many say something that was not known here.
  public var added: Int
  /// Whether one is kept to be shown with this node's requests.
  public var isShown: Bool
  /// How the entities stand now that they are about.
  public let entities: [EntitySummary]
}

extension Exchange {
  /// Keeps what accreditors whose word is taken say about entities; and of this node itself the accreditation
  /// that is to go out with its requests, whoever is its accreditor.
  ///
  /// - Parameter bytes: statements one on each line, or as an accreditor serves them.
  /// - Throws: `forbidden`, `step-up-required`; `too-large`, `malformed`; `unauthenticated` for a statement of
  ///   somebody whose word is not taken here, and nothing is kept then; `invalid` for one about this node that
  ///   holds no more.
  public func addEntityStatements(
    _ bytes: [UInt8], as caller: Caller
  ) async throws -> AddedEntityStatements {
    let document = try EntityDocument(parsing: bytes)
    return try await pass { [self] snapshot in
      try require(.managePeers, caller)
      let now = clock.now()
      var passage = Passage(
        outcome: .success(AddedEntityStatements(added: 0, isShown: false, entities: [])))
      let own = try keepOwn(document.statements, caller, at: now, &passage)
      let accreditors = try trustedAccreditors(in: snapshot).filter { !$0.isSelf }
      var said: [Word: [String]] = [:]
      for text in document.statements {
        do {
          let (statement, accreditor) = try EntityStatement.verify(
            text, by: accreditors.map(\.accreditor), at: now)
          said[Word(node: statement.node, accreditor: accreditor), default: []].append(text)
        } catch let error as PeerChartError where error.code == .unauthenticated && text == own {
          // Whose word this node takes, and who has accredited it, are two questions.
        }
      }
      var added = 0
      for (word, texts) in said.sorted(by: { $0.key.key.lexicographicallyPrecedes($1.key.key) }) {
        added += try keep(
          texts, by: word.accreditor, about: word.node, askedAt: nil, caller, &passage, snapshot)
      }
      let nodes = Set(said.keys.map(\.node)).union(own == nil ? [] : [nodeID])
      passage.outcome = .success(
        AddedEntityStatements(
          added: added, isShown: own != nil,
          entities: try nodes.map { node in
            let words = said.filter { $0.key.node == node }.flatMap(\.value)
            return try summary(of: node, also: words, in: snapshot)
          }.sorted { $0.node < $1.node }))
      return passage
    }
  }

  private struct Word: Hashable {
    let node: NodeID
    let accreditor: Accreditor
    var key: [UInt8] { EntityRecord.key(node, by: accreditor.id) }
  }

  /// - Returns: the statement that goes out with requests from now on.
  private func keepOwn(
    _ texts: [String], _ caller: Caller, at now: Instant,
    _ passage: inout Passage<AddedEntityStatements>
  ) throws -> String? {
    let about = try texts.map { (text: $0, statement: try EntityStatement.unverified($0)) }
      .filter { $0.statement.node == nodeID && $0.statement.word.status == .issued }
    guard let newest = about.max(by: { $0.statement.sequence < $1.statement.sequence }),
      case .issued(let credential) = newest.statement.word
    else { return nil }
    guard now < credential.expires else {
      throw PeerChartError(.invalid, "this accreditation of this node holds no more")
    }
    var draft = EventDraft(kind: .nodeConfigured)
    draft.detail = ["npi": credential.npi.description, "change": "accredited"]
    passage.change(
      try keeping(
        .accreditation, AccreditationRecord.key, AccreditationRecord(statement: newest.text)),
      &draft)
    passage.entries.append(try entry(draft, caller, at: now))
    return newest.text
  }

  /// Adds to what is known of an accreditor's word about a node.
  ///
  /// - Parameters:
  ///   - texts: verified, and about that node.
  ///   - askedAt: when the accreditor itself said that this is all; nil where it was not asked.
  /// - Returns: how many of them are new.
  @discardableResult
  func keep<Value>(
    _ texts: [String], by accreditor: Accreditor, about node: NodeID, askedAt: Instant?,
    _ caller: Caller, _ passage: inout Passage<Value>, _ snapshot: any StoreSnapshot
  ) throws -> Int {
    let key = EntityRecord.key(node, by: accreditor.id)
    var record = try item(.knownEntity, key, as: EntityRecord.self, in: snapshot) ?? EntityRecord()
    let added = try record.add(texts)
    guard !added.isEmpty || askedAt != nil else { return 0 }
    record.askedAt = askedAt?.millisecondsSinceEpoch ?? record.askedAt
    var draft = EventDraft(kind: .entityStatement)
    if let newest = added.max(by: { $0.sequence < $1.sequence }) {
      draft.detail = Self.detail(of: newest, by: accreditor)
      draft.counts = ["statements": added.count]
    } else {
      draft.detail = ["peer": node.description, "accreditor": accreditor.id]
    }
    draft.detail["change"] = added.isEmpty ? "asked" : "learned"
    passage.change(try keeping(.knownEntity, key, record, after: snapshot), &draft)
    passage.entries.append(try entry(draft, caller, at: clock.now()))
    return added.count
  }

  /// Keeps what a node has shown of itself, where somebody signed it whose word is taken: a later request
  /// that shows something older does not unsay it.
  func learn<Value>(
    _ shown: String, of node: NodeID, _ reading: Reading, _ passage: inout Passage<Value>
  ) throws {
    let trusted = try trustedAccreditors(in: reading.snapshot).filter { !$0.isSelf }
      .map(\.accreditor)
    guard
      let (statement, accreditor) = try? EntityStatement.verify(
        shown, by: trusted, at: reading.time), statement.node == node
    else { return }
    try keep(
      [shown], by: accreditor, about: node, askedAt: nil, reading.caller, &passage,
      reading.snapshot)
  }

  /// What goes out with requests; nil where nothing was kept, or it holds no more.
  func ownAccreditation(at time: Instant, in snapshot: any StoreSnapshot) throws -> String? {
    let kept: AccreditationRecord? = try item(
      .accreditation, AccreditationRecord.key, in: snapshot)
    guard let kept, let statement = try? EntityStatement.unverified(kept.statement),
      case .issued(let credential) = statement.word, time < credential.expires
    else { return nil }
    return kept.statement
  }
}
