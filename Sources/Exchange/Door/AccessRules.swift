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
      // A delegated grant is signed by its delegator; whether it holds is for the evaluation.
      let keys = [key] + (try exchange.delegatorKeys(in: reading.snapshot))
      try reading.eachSignedConsent(slot: slot) { record in
        if let signed = record.grant(signedBy: keys, of: patient) { rules.grants.append(signed.grant) }
      }
    }
    rules.breakGlass = try exchange.breakGlassSessions(of: patient, in: reading.snapshot)
    return rules
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

extension Exchange {
  /// The keys by which other nodes sign what they delegate: those that pairing has pinned.
  func delegatorKeys(in snapshot: any StoreSnapshot) throws -> [Curve25519.Signing.PublicKey] {
    try items(.peer, as: PeerRecord.self, in: snapshot).map { _, peer in
      try peer.verified().keys.signing
    }
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
