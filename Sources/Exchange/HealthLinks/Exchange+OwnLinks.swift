import Audit
import ClinicalFormats
import Consent
import Foundation
import Identity
import Primitives

extension Exchange {
  /// The link of that name, for whoever decides about the chart.
  ///
  /// - Throws: `notFound`, also for somebody else's.
  func ownLink(_ itemKey: [UInt8], _ reading: Reading) throws -> HealthLinkRecord {
    let missing = PeerChartError(.notFound, "there is no link of that name")
    guard let record: HealthLinkRecord = try item(.healthLink, itemKey, in: reading.snapshot) else {
      throw missing
    }
    do { try require(.decideSharing, of: record.patient, reading.caller) } catch { throw missing }
    return record
  }

  /// The links to a patient's records, the newest first.
  public func healthLinks(
    of patient: String, as caller: Caller
  ) async throws -> [HealthLinkSummary] {
    try require(.decideSharing, of: patient, caller)
    return try await store.read { [self] snapshot in
      try items(.healthLink, as: HealthLinkRecord.self, in: snapshot)
        .filter { $0.value.patient == patient }
        .map { try summary($0.value, $0.key, in: snapshot) }
        .sorted { ($1.created, $0.id) < ($0.created, $1.id) }
    }
  }

  private func summary(
    _ record: HealthLinkRecord, _ itemKey: [UInt8], in snapshot: any StoreSnapshot
  ) throws -> HealthLinkSummary {
    let wrong = try snapshot.counter(LinkCounter.wrongPasscodes(itemKey))
    let state: HealthLinkSummary.State
    switch record.end(at: clock.now()) {
    case "link-revoked": state = .revoked
    case .some: state = .expired
    case nil: state = record.passcode.map { wrong >= $0.cap } ?? false ? .exhausted : .active
    }
    return HealthLinkSummary(
      id: Hex.encode(itemKey), patient: record.patient, label: record.label,
      flags: record.flags.map(\.rawValue).sorted().joined(),
      created: Instant(millisecondsSinceEpoch: record.createdAt),
      expires: record.expiresAt.map { Instant(millisecondsSinceEpoch: $0) }, state: state,
      openings: try snapshot.counter(LinkCounter.openings(itemKey)), wrongPasscodes: wrong,
      passcodeCap: record.passcode?.cap)
  }

  /// The text of a link, to show it once more. On record.
  ///
  /// - Throws: `notFound`; `conflict` for one that has ended.
  public func linkText(_ id: String, as caller: Caller) async throws -> HealthLinkText {
    let itemKey = Self.linkKey(id: id)
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let record = try ownLink(itemKey, reading)
      guard record.end(at: reading.time) == nil else {
        throw PeerChartError(.conflict, "this link has ended")
      }
      let text = try open(record, itemKey, reading)
      var draft = EventDraft(kind: .decisionPermit, action: .export)
      draft.patient = record.patient
      draft.detail = ["health-link": id, "state": "shown"]
      return Passage(
        outcome: .success(HealthLinkText(id: id, text: text)),
        entries: [try entry(draft, reading)])
    }
  }

  /// Ends a link: the next request for it finds nothing, and its files are thrown away.
  ///
  /// - Throws: `notFound`; `conflict` for one that was ended before.
  public func revokeLink(_ id: String, as caller: Caller) async throws {
    let itemKey = Self.linkKey(id: id)
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      var record = try ownLink(itemKey, reading)
      guard record.endedAt == nil else {
        throw PeerChartError(.conflict, "this link was ended before")
      }
      record.endedAt = reading.time.millisecondsSinceEpoch
      record.files = []
      record.secret = Data()
      var draft = EventDraft(kind: .revoke)
      draft.patient = record.patient
      draft.detail = ["health-link": id]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(.healthLink, itemKey, record, after: snapshot), &draft)
      passage.entries = [try entry(draft, reading)]
      return passage
    }
  }
}

/// What is counted of a link. Counts are never taken back.
enum LinkCounter {
  static func openings(_ itemKey: [UInt8]) -> [UInt8] {
    Array("health-link-openings/".utf8) + itemKey
  }

  static func wrongPasscodes(_ itemKey: [UInt8]) -> [UInt8] {
    Array("health-link-wrong/".utf8) + itemKey
  }
}
