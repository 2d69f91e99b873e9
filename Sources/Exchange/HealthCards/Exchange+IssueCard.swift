import Audit
import ClinicalFormats
import Consent
import FHIR
import Foundation
import Identity
import Primitives

extension Exchange {
  /// Issues a SMART Health Card: signed by this node, with the least of each record that its reader needs.
  ///
  /// For patients, and whoever acts for them, and for staff who issue documents.
  ///
  /// - Throws: `forbidden`; `invalid` for records that no card can hold; `notFound` for an issuer that may
  ///   learn that a record is not there.
  public func issueCard(
    _ order: HealthCardOrder, as caller: Caller
  ) async throws -> IssuedHealthCard {
    try requireIssuing(for: order.patient, caller)
    try await prepareCardKeys()
    return try await pass { [self] snapshot in
      try cardPassage(order, Reading(self, snapshot, caller))
    }
  }

  /// Staff who issue documents may for any patient whose records they may read; patients for themselves.
  private func requireIssuing(for patient: String, _ caller: Caller) throws {
    do { try require(.issueDocuments, caller) } catch let error as PeerChartError
      where error.code == .forbidden
    { try require(.decideSharing, of: patient, caller) }
  }

  /// The card, with everything that must be durable before it is handed out.
  func cardPassage(
    _ order: HealthCardOrder, _ reading: Reading
  ) throws -> Passage<IssuedHealthCard> {
    guard (1...HealthCardOrder.maximumRecords).contains(order.records.count),
      Set(order.records).count == order.records.count
    else {
      throw PeerChartError(
        .invalid, "a card holds 1 to \(HealthCardOrder.maximumRecords) records", place: "records")
    }
    guard HealthCardIssuer.isAddress(order.issuer) else {
      throw PeerChartError(
        .invalid, "cards are issued under an https address without a slash at its end")
    }
    var found: [FoundRecord] = []
    for address in ["Patient/\(order.patient)"] + order.records {
      switch try exportable(address, of: order.patient, reading) {
      case .success(let record): found.append(record)
      case .failure(let refused): return try refusal(reading, refused.cause, action: .export)
      }
    }
    let resources = try found.map { try $0.resource() }
    let bundle = try HealthCardMinimizer.bundle(
      patient: resources[0], records: Array(resources.dropFirst()))
    guard var ring = try cardKeyRing(in: reading.snapshot) else {
      throw PeerChartError(.conflict, "the key of health cards is not there; try again")
    }
    let key = try ring.signingKey
    let id = Hex.encode(random.bytes(12))
    let expires = order.seconds.map { reading.time.adding(seconds: $0) }
    let text = try HealthCardDraft(
      issuer: order.issuer, issued: reading.time, expires: expires, revocationID: id,
      types: HealthCardType.types(of: resources.map(\.type)), bundle: bundle
    ).signed(by: key)
    let record = HealthCardRecord(
      id: id, key: key.publicKey.thumbprint, patient: order.patient, records: order.records,
      issuedAt: reading.time.millisecondsSinceEpoch,
      expiresAt: expires?.millisecondsSinceEpoch)
    let card = IssuedHealthCard(
      id: id, text: Redacted(text), codes: Redacted(try NumericText.encode(text)))
    var passage = Passage(outcome: .success(card))
    try passage.disclose(found.map(\.record), under: found.map(\.permits), .export, reading)
    var draft = EventDraft(kind: .documentIssued, action: .export)
    draft.patient = order.patient
    draft.detail = ["health-card": id, "card": HealthCardToken(text).digest]
    passage.change(
      try keeping(.healthCard, Array(id.utf8), record, after: reading.snapshot), &draft)
    if !ring.issuers.contains(order.issuer) {
      ring.issues(under: order.issuer)
      passage.change(try keeping(ring, after: reading.snapshot), &draft)
    }
    passage.entries.append(try entry(draft, reading))
    return passage
  }

  private struct Refused: Error {
    let cause: RefusalCause
  }

  /// A record of the patient that the caller may take out.
  private func exportable(
    _ address: String, of patient: String, _ reading: Reading
  ) throws -> Result<FoundRecord, Refused> {
    let parts = address.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw PeerChartError(.invalid, "a record is written Type/id", place: "records")
    }
    try Self.checkAddress(parts[0], parts[1])
    try reading.caller.requireScope(.read, parts[0])
    let absent = RefusalCause.absent(type: parts[0], id: parts[1])
    guard let row = try reading.snapshot.newestVersion(of: keys.recordKey(parts[0], parts[1])),
      !row.isDeleted
    else { return .failure(Refused(cause: absent)) }
    let record = try reading.open(row)
    switch try reading.decide(record, action: .export) {
    case .deny(let reasons): return .failure(Refused(cause: .record(record, reasons)))
    case .permit(let permits):
      guard record.patients == [patient] else { return .failure(Refused(cause: absent)) }
      return .success(FoundRecord(record: record, permits: permits, action: .export))
    }
  }

  // MARK: Afterwards

  /// The cards that were issued about a patient, the newest first.
  public func healthCards(
    of patient: String, as caller: Caller
  ) async throws -> [HealthCardSummary] {
    try requireIssuing(for: patient, caller)
    return try await store.read { [self] snapshot in
      try items(.healthCard, as: HealthCardRecord.self, in: snapshot).map(\.value)
        .filter { $0.patient == patient }.map(\.summary).sorted { $0.issued > $1.issued }
    }
  }

  /// Takes a card back: from now on the list of revoked cards names it.
  ///
  /// - Throws: `forbidden`, `notFound`; `conflict` for one that was revoked before.
  public func revokeCard(_ id: String, as caller: Caller) async throws {
    try await pass { [self] snapshot in
      let key = Array(id.utf8.prefix(64))
      guard var record: HealthCardRecord = try item(.healthCard, key, in: snapshot) else {
        throw PeerChartError(.notFound, "no such card was issued here")
      }
      try requireIssuing(for: record.patient, caller)
      guard record.revokedAt == nil, var ring = try cardKeyRing(in: snapshot) else {
        throw PeerChartError(.conflict, "this card was revoked before")
      }
      let reading = Reading(self, snapshot, caller)
      record.revokedAt = reading.time.millisecondsSinceEpoch
      ring.revoke(record.id, of: record.key)
      var draft = EventDraft(kind: .revoke)
      draft.patient = record.patient
      draft.detail = ["health-card": id]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(.healthCard, key, record, after: snapshot), &draft)
      passage.change(try keeping(ring, after: snapshot), &draft)
      passage.entries = [try entry(draft, reading)]
      return passage
    }
  }
}
