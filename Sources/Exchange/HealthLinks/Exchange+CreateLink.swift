import Audit
import ClinicalFormats
import Consent
import Crypto
import FHIR
import Foundation
import Identity
import Primitives
import Vault

extension Exchange {
  /// Where links lead, below the node's address.
  public static let linkFolder = "/shl/"

  /// Makes a link to the International Patient Summary of a patient, and a card where one is asked for. What
  /// it holds is what the caller may read now.
  ///
  /// - Throws: `forbidden`, `invalid`; what a summary and a card throw.
  public func createLink(_ order: HealthLinkOrder, as caller: Caller) async throws -> HealthLinkText
  {
    try require(.decideSharing, of: order.patient, caller)
    try order.check()
    if !order.records.isEmpty { try await prepareCardKeys() }
    let token = Base64URL.encode(random.bytes(32))
    var flags: Set<HealthLink.Flag> = []
    if order.isLongTerm { flags.insert(.longTerm) }
    if order.passcode != nil { flags.insert(.passcode) }
    if order.isDirect { flags.insert(.direct) }
    let expires = order.seconds.map { clock.now().adding(seconds: $0) }
    let address = order.base + Self.linkFolder + token
    guard address.utf8.count <= HealthLink.maximumAddress, address.hasPrefix("https://") else {
      throw PeerChartError(
        .invalid,
        "links lead to an https address of \(HealthLink.maximumAddress) characters at most"
      )
    }
    let link = try HealthLink(
      address: address, key: Redacted(random.bytes(HealthLink.keyLength)), expires: expires,
      flags: flags, label: order.label)
    let itemKey = Self.linkKey(token)
    let passcode = order.passcode.map {
      HealthLinkRecord.Passcode($0, cap: order.passcodeCap, random: random)
    }
    return try await pass { [self, flags] snapshot in
      let reading = Reading(self, snapshot, caller)
      let made = try linkFiles(
        patient: order.patient, records: order.records, base: order.base, link, reading)
      guard case .success(let files) = made.outcome else { return made.map { _ in .init(link) } }
      let record = HealthLinkRecord(
        patient: order.patient, label: order.label,
        flags: flags.sorted { $0.rawValue < $1.rawValue },
        createdAt: reading.time.millisecondsSinceEpoch,
        expiresAt: expires?.millisecondsSinceEpoch, endedAt: nil, passcode: passcode,
        records: order.records, files: files,
        secret: try seal(link.text, itemKey, of: order.patient, reading))
      var passage = made.map { _ in HealthLinkText(link, itemKey) }
      var draft = EventDraft(kind: .grant, action: .export)
      draft.patient = order.patient
      draft.detail = ["health-link": Hex.encode(itemKey)]
      passage.change(try keeping(.healthLink, itemKey, record, after: snapshot), &draft)
      passage.entries.append(try entry(draft, reading))
      return passage
    }
  }

  /// Puts what the chart holds now behind a long-term link.
  ///
  /// - Throws: `forbidden`, `notFound`; `conflict` for a link that is not for long-term use or has ended; what
  ///   making one throws.
  public func renewLink(_ id: String, base: String, as caller: Caller) async throws {
    let itemKey = Self.linkKey(id: id)
    try await prepareCardKeys()
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      var record = try ownLink(itemKey, reading)
      guard record.flags.contains(.longTerm), record.end(at: reading.time) == nil else {
        throw PeerChartError(.conflict, "this link is not for long-term use, or has ended")
      }
      let link = try HealthLink(parsing: open(record, itemKey, reading).exposed)
      let made = try linkFiles(
        patient: record.patient, records: record.records, base: base, link, reading)
      guard case .success(let files) = made.outcome else { return made.map { _ in () } }
      record.files = files
      var passage = made.map { _ in () }
      var draft = EventDraft(kind: .grant, action: .export)
      draft.patient = record.patient
      draft.detail = ["health-link": id, "state": "renewed"]
      passage.change(try keeping(.healthLink, itemKey, record, after: snapshot), &draft)
      passage.entries.append(try entry(draft, reading))
      return passage
    }
  }

  /// The files of a link: the summary, and the card where there is one.
  private func linkFiles(
    patient: String, records: [String], base: String, _ link: HealthLink, _ reading: Reading
  ) throws -> Passage<[HealthLinkRecord.File]> {
    func sealed(_ type: String, _ bytes: [UInt8]) throws -> HealthLinkRecord.File {
      HealthLinkRecord.File(
        contentType: type,
        sealed: try HealthLinkFile(contentType: type, content: bytes).sealed(
          with: link.key, random: random))
    }
    let summary = try summaryToExport(of: patient, base: base, reading)
    guard case .success(let bundle) = summary.outcome else { return summary.map { _ in [] } }
    let first = try sealed(HealthLinkFile.fhir, bundle)
    guard !records.isEmpty else { return summary.map { _ in [first] } }
    let card = try cardPassage(
      HealthCardOrder(patient: patient, records: records, issuer: base), reading)
    guard case .success(let issued) = card.outcome else { return card.map { _ in [] } }
    let second = try sealed(
      HealthCardText.mediaType, HealthCardText.file([issued.text.exposed]))
    return summary.map { _ in [first, second] }.joined(by: card)
  }

  private func summaryToExport(
    of patient: String, base: String, _ reading: Reading
  ) throws -> Passage<[UInt8]> {
    try Self.checkAddress("Patient", patient)
    guard let row = try reading.snapshot.newestVersion(of: keys.recordKey("Patient", patient))
    else {
      return try refusal(reading, .absent(type: "Patient", id: patient), action: .read)
    }
    let record = try reading.open(row)
    switch try reading.decide(record, action: .read) {
    case .deny(let reasons):
      return try refusal(reading, .record(record, reasons), action: .read)
    case .permit(let permits):
      return try self.summary(
        of: FoundRecord(record: record, permits: permits, action: .read), row,
        DocumentFrame(id: newID(), base: base + "/fhir", date: reading.time), reading)
    }
  }

  // MARK: The link's own secret

  static func linkKey(_ token: String) -> [UInt8] {
    Array(SHA256.hash(data: Array(token.utf8)).prefix(16))
  }

  /// The key of a link that its owner names; no link has it where the name is none.
  static func linkKey(id: String) -> [UInt8] {
    id.utf8.count == 32 ? Hex.decode(id) ?? [] : []
  }

  private func seal(
    _ text: Redacted<String>, _ itemKey: [UInt8], of patient: String, _ reading: Reading
  ) throws -> Data {
    guard let slot = try reading.slot(of: patient) else {
      throw PeerChartError(.notFound, "there is no chart of that patient")
    }
    return Data(
      try keys.sealer.seal(
        Array(text.exposed.utf8), key: reading.newestKey(slot),
        context: Self.linkContext(itemKey, slot)))
  }

  /// - Throws: `chart-destroyed` where the chart's key is gone.
  func open(
    _ record: HealthLinkRecord, _ itemKey: [UInt8], _ reading: Reading
  ) throws -> Redacted<String> {
    let sealed = Array(record.secret)
    guard let slot = try reading.slot(of: record.patient),
      let key = try reading.key(slot, generation: RecordSealer.keyGeneration(of: sealed))
    else { throw PeerChartError(.notFound, "there is no chart of that patient") }
    let text = try keys.sealer.open(sealed, key: key, context: Self.linkContext(itemKey, slot))
    return Redacted(String(decoding: text, as: UTF8.self))
  }

  private static func linkContext(_ itemKey: [UInt8], _ slot: Int64) -> SealContext {
    SealContext(
      purpose: .item, slot: slot, key: Array("health-link-secret".utf8) + itemKey, version: 0)
  }
}

extension HealthLinkText {
  fileprivate init(_ link: HealthLink, _ itemKey: [UInt8] = []) {
    self.init(id: Hex.encode(itemKey), text: link.text)
  }
}

extension Passage {
  /// The same with another outcome; a refusal stays one.
  func map<Other: Sendable>(_ change: (Value) -> Other) -> Passage<Other> {
    Passage<Other>(
      outcome: outcome.map(change), entries: entries, guards: guards, uses: uses, apply: apply)
  }

  /// With everything that another one writes and rests on.
  func joined<Other>(by other: Passage<Other>) -> Passage {
    var passage = self
    passage.entries += other.entries
    passage.guards.merge(other.guards) { $1 }
    passage.uses += other.uses
    if let change = other.apply { passage.also(change) }
    return passage
  }
}
