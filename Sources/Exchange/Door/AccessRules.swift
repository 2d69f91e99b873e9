import Consent
import Crypto
import FHIR
import Identity
import Primitives
import Synchronization

/// What decides about access to one chart: the patient's grants and the break-glass sessions.
struct AccessRules: Sendable {
  var grants: [Grant] = []
  var breakGlass: [BreakGlassSession] = []

  /// Reads the rules of a chart. A Consent whose signature is not the patient's is a record like any
  /// other and decides nothing.
  static func load(patient: String, slot: Int64, _ reading: Reading) throws -> AccessRules {
    let exchange = reading.exchange
    var rules = AccessRules()
    if let key = try exchange.patientKeys(patient, in: reading.snapshot)?.publicKey {
      let keys = try exchange.grantKeys(of: key, in: reading.snapshot)
      try reading.eachSignedConsent(slot: slot) { record in
        if let signed = record.grant(of: patient, signedBy: keys) {
          rules.grants.append(signed.grant)
        }
      }
      rules.endRevoked()
    }
    rules.breakGlass = try exchange.breakGlassSessions(of: patient, in: reading.snapshot)
    return rules
  }

  /// A grant that is revoked anywhere is revoked everywhere: its grantee has the signed Consent of
  /// before, and may see to it that it is stored once more under another id.
  private mutating func endRevoked() {
    let revoked = Set(grants.filter { $0.status == .revoked }.map(\.id))
    guard !revoked.isEmpty else { return }
    for index in grants.indices where revoked.contains(grants[index].id) {
      grants[index].status = .revoked
    }
  }
}

extension Reading {
  /// Calls `body` with the newest version of every Consent in a chart that bears our signature extension.
  func eachSignedConsent(slot: Int64, _ body: (ClosedRecord) throws -> Void) throws {
    let token = RecordIndex.token(RecordIndex.grant, of: "Consent", exchange.keys.index)
    var position: IndexEntryPosition?
    while true {
      let entries = try snapshot.entries(token: token, slot: slot, after: position, limit: 256)
      for entry in entries {
        guard let row = try snapshot.version(row: entry.row), !row.isDeleted else { continue }
        try body(open(row))
      }
      guard entries.count == 256 else { return }
      position = entries.last
    }
  }
}

extension Reading {
  /// A patient's signed word is not undone by somebody who may merely write records: a signed Consent
  /// gives way only to one that is signed as well, and a revoked one to nothing.
  func requireSuccession(from old: ClosedRecord, to new: ClosedRecord?) throws {
    guard old.type == "Consent", let patient = old.patients.first,
      let key = try exchange.patientKeys(patient, in: snapshot)?.publicKey
    else { return }
    let keys = try exchange.grantKeys(of: key, in: snapshot)
    guard let standing = old.grant(of: patient, signedBy: keys) else { return }
    guard standing.grant.status == .active,
      let successor = new?.grant(of: patient, signedBy: keys),
      successor.grant.id == standing.grant.id
    else {
      throw PeerChartError(
        .forbidden,
        "this Consent is signed by the patient; it is revoked, not overwritten or deleted")
    }
  }
}

/// The keys whose word counts in one chart: the patient's, and for what other nodes delegate theirs, as
/// pairing has pinned them. Whether a delegation holds is for the evaluation to say.
struct GrantKeys {
  let patient: Curve25519.Signing.PublicKey
  let nodes: [NodeID: Curve25519.Signing.PublicKey]

  func key(of delegator: Grantee) -> Curve25519.Signing.PublicKey? {
    if case .node(let node) = delegator { nodes[node] } else { nil }
  }
}

extension Exchange {
  func grantKeys(
    of patientKey: Curve25519.Signing.PublicKey, in snapshot: any StoreSnapshot
  ) throws -> GrantKeys {
    var nodes: [NodeID: Curve25519.Signing.PublicKey] = [:]
    for (key, peer) in try items(.peer, as: PeerRecord.self, in: snapshot) {
      if let node = NodeID(bytes: key) { nodes[node] = try peer.verified().keys.signing }
    }
    return GrantKeys(patient: patientKey, nodes: nodes)
  }
}

/// Parsed access rules by chart and revision. A rule that changes takes a new revision with it, in the
/// same transaction, so nothing here can be out of date: it is just no longer asked for.
final class ConsentCache: Sendable {
  private static let capacity = 4096
  private let charts = Mutex<[Int64: (revision: Int64, rules: AccessRules)]>([:])

  func rules(_ slot: Int64, revision: Int64) -> AccessRules? {
    charts.withLock { charts in
      charts[slot].flatMap { $0.revision == revision ? $0.rules : nil }
    }
  }

  func keep(_ rules: AccessRules, _ slot: Int64, revision: Int64) {
    charts.withLock { charts in
      if charts.count >= Self.capacity, charts[slot] == nil { charts.removeAll() }
      charts[slot] = (revision, rules)
    }
  }
}
