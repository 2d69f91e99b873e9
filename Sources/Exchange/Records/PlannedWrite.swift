import FHIR
import Primitives
import Vault

/// A version worked out and sealed before the transaction that stores it.
struct PlannedWrite: Sendable {
  let version: NewVersion
  /// Where the patient has no chart yet, what is sealed once the transaction has made one.
  let unsealed: UnsealedBody?
  /// The version that must still be the newest when this one is stored; nil for a new record.
  let previous: Int64?
  /// Index entries of the previous version, which go.
  let obsolete: (position: IndexEntryPosition, tokens: [UInt64])?
  /// Whether it may change who has access to the chart.
  let concernsAccess: Bool

  struct UnsealedBody: Sendable {
    let patient: String
    let body: RecordBody
  }

  /// Stores the version. `seal` gives the slot and sealed bytes of a body whose chart is new.
  func apply(
    _ transaction: any StoreTransaction,
    seal: (UnsealedBody, NewVersion) throws -> (slot: Int64, sealed: [UInt8])
  ) throws {
    if previous != nil || version.number == 1 {
      guard try transaction.newestVersion(of: version.key)?.number == previous else {
        throw PeerChartError(.staleDecision, "somebody else wrote this record meanwhile")
      }
    }
    if let obsolete {
      try transaction.removeEntries(
        slot: obsolete.position.slot, row: obsolete.position.row, tokens: obsolete.tokens)
    }
    var version = version
    if let unsealed {
      let (slot, sealed) = try seal(unsealed, version)
      version = NewVersion(
        key: version.key, slot: slot, number: version.number, storedAt: version.storedAt,
        isDeleted: version.isDeleted, sealed: sealed, tokens: version.tokens,
        isSealedHere: true)
    }
    _ = try transaction.append(version)
    if concernsAccess { try transaction.bumpConsentRevision(slot: version.slot) }
  }
}
