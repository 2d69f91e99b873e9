import FHIR
import Primitives
import Synchronization
import Vault

/// The node's keys at work: which key opens what, and under which blind name it lies.
final class ChartKeeper: Sendable {
  let hierarchy: KeyHierarchy
  let provider: any RootKeyProvider
  let sealer: RecordSealer
  /// Entries of the log have a dictionary of their own.
  private let entrySealer: RecordSealer
  let index: BlindIndex
  /// Of charts that were asked for lately: each record is decided about by the name of its patient.
  private let tags = Mutex<[String: [UInt8]]>([:])
  /// Of terms that were searched for lately: a range of dates is two dozen of them.
  private let tokens = Mutex<[SearchedTerm: UInt64]>([:])
  private static let keptNames = 4096

  private struct SearchedTerm: Hashable {
    let type: String
    let term: IndexTerm
  }

  private let itemKey: DataKey
  private let auditKey: DataKey

  init(
    hierarchy: KeyHierarchy, provider: any RootKeyProvider, nodeKeys: NodeKeyring,
    random: any RandomSource
  ) {
    self.provider = provider
    self.hierarchy = hierarchy
    sealer = RecordSealer(random: random)
    entrySealer = RecordSealer(random: random, of: .logEntry)
    index = nodeKeys.blindIndex
    itemKey = nodeKeys.sealingKey(.items)
    auditKey = nodeKeys.sealingKey(.audit)
  }

  // MARK: Blind names

  func recordKey(_ type: String, _ id: String) -> RecordKey {
    RecordKey(index.recordKey(type: type, id: id))
  }

  /// The tag under which a patient's chart lies. The node's shared data is the chart of nobody.
  func chartTag(_ patient: String) -> [UInt8] {
    if let known = tags.withLock({ $0[patient] }) { return known }
    let tag = index.chartTag(patientID: patient)
    tags.withLock { tags in
      if tags.count >= Self.keptNames { tags.removeAll() }
      tags[patient] = tag
    }
    return tag
  }

  /// The tokens of terms, sorted, each once.
  func tokens(_ terms: [IndexTerm], of type: String) -> [UInt64] {
    let names = terms.map { SearchedTerm(type: type, term: $0) }
    let known = tokens.withLock { tokens in names.map { tokens[$0] } }
    var new: [(SearchedTerm, UInt64)] = []
    var all: [UInt64] = []
    for (name, token) in zip(names, known) {
      if let token {
        all.append(token)
      } else {
        let token = RecordIndex.token(name.term, of: type, index)
        new.append((name, token))
        all.append(token)
      }
    }
    // A list of hundreds will hardly come again.
    if !new.isEmpty, new.count <= Self.keptNames / 16 {
      tokens.withLock { tokens in
        if tokens.count + new.count > Self.keptNames { tokens.removeAll() }
        for (name, token) in new { tokens[name] = token }
      }
    }
    return all.count < 2 ? all : Set(all).sorted()
  }

  // MARK: Records

  func seal(_ body: RecordBody, _ key: RecordKey, version: Int64, under dataKey: DataKey) throws
    -> [UInt8]
  {
    try sealer.seal(
      body.encoded(), key: dataKey,
      context: SealContext(slot: dataKey.slot, key: key.bytes, version: version))
  }

  /// - Parameter sealed: the row's body, which may have come a long way.
  func open(
    _ row: VersionRow, _ sealed: [UInt8], with dataKey: DataKey
  ) throws -> ClosedRecord {
    let plain = try sealer.open(
      sealed, key: dataKey,
      context: SealContext(slot: row.slot, key: row.key.bytes, version: row.number))
    return ClosedRecord(try RecordBody(decoding: plain), row: row)
  }

  // MARK: Small things

  func seal(_ item: [UInt8], _ kind: ItemKind, key: [UInt8]) throws -> [UInt8] {
    try sealer.seal(item, key: itemKey, context: Self.context(kind, key))
  }

  func open(_ sealed: [UInt8], _ kind: ItemKind, key: [UInt8]) throws -> [UInt8] {
    try sealer.open(sealed, key: itemKey, context: Self.context(kind, key))
  }

  private static func context(_ kind: ItemKind, _ key: [UInt8]) -> SealContext {
    SealContext(purpose: .item, slot: 0, key: Array(kind.rawValue.utf8) + [0] + key, version: 0)
  }

  // MARK: The log

  /// The leaf hash binds the entry's place in the log; the seal binds its leaf hash, and the chart in
  /// whose view the entry stands, so that it cannot be hidden from the patient.
  func sealEntry(_ plaintext: [UInt8], slot: Int64?, leafHash: [UInt8]) throws -> [UInt8] {
    try entrySealer.seal(
      plaintext, key: auditKey,
      context: SealContext(purpose: .audit, slot: slot ?? 0, key: leafHash, version: 0))
  }

  func openEntry(_ row: AuditRow) throws -> [UInt8] {
    try entrySealer.open(
      row.sealed, key: auditKey,
      context: SealContext(purpose: .audit, slot: row.slot ?? 0, key: row.leafHash, version: 0))
  }
}

extension PeerChartError.Code {
  /// The chart's key was destroyed: nothing and nobody can open it any more.
  static let chartDestroyed = Self("chart-destroyed")
}
