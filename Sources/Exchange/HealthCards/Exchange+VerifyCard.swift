import Audit
public import ClinicalFormats
import Consent
import Crypto
import FHIR
import Identity
import Primitives

/// What importing health cards came to.
public struct HealthCardImport: Sendable {
  /// `Type/id` of the records that are in the chart now, the Provenance among them.
  public let records: [String]
  public let created: Int
  /// Records that an earlier import of the same card has left there.
  public let unchanged: Int
}

extension Exchange {
  /// Verifies health cards against the issuers that this node trusts. For everybody: nothing is kept and
  /// nothing is fetched, and the answer says nothing of anybody but what is on the card.
  ///
  /// - Parameter name: what the file is called, where it is one.
  public func verifyCards(
    _ bytes: [UInt8], name: String? = nil
  ) async throws -> [HealthCardVerification] {
    let known = try await store.read { [self] in try knownIssuers(in: $0) }
    return HealthCardVerifier(at: clock.now()) { known[$0] }.verify(bytes, name: name)
  }

  /// Imports verified health cards into a patient's chart: each record, and a Provenance that says who
  /// signed it and carries the signed text. The same card twice changes nothing.
  ///
  /// - Parameter anyPerson: whether name and birth date on the card may differ from the patient's.
  /// - Throws: `invalid` for a card that is not verified; `conflict` for one of somebody else; what a write
  ///   throws.
  public func importCards(
    _ bytes: [UInt8], name: String? = nil, into patient: String, anyPerson: Bool = false,
    as caller: Caller
  ) async throws -> HealthCardImport {
    let found = try await verifyCards(bytes, name: name)
    guard let refused = found.first(where: { !$0.isVerified }) else {
      let texts = HealthCardText(bytes, name: name).cards
      return try await store(
        zip(texts, found).map { ($0, $1) }, into: patient, anyPerson: anyPerson, caller)
    }
    throw PeerChartError(
      .invalid, "a card that is not verified is not imported",
      place: refused.findings.first?.code.rawValue
        ?? refused.checks.first { $0.state != .holds }?.step.rawValue)
  }

  private func store(
    _ cards: [(text: String, found: HealthCardVerification)], into patient: String, anyPerson: Bool,
    _ caller: Caller
  ) async throws -> HealthCardImport {
    try Self.checkAddress("Patient", patient)
    let stated = try cards.map { card -> Resource in
      guard let person = card.found.content?.resources.first(where: { $0.type == "Patient" }) else {
        throw PeerChartError(.invalid, "a card names nobody")
      }
      return person
    }
    let own = try await read("Patient", id: patient, as: caller)
    let chart = try Resource(parsing: own.json)
    guard anyPerson || stated.allSatisfy({ CardPerson($0).isSame(as: CardPerson(chart)) }) else {
      throw PeerChartError(
        .conflict, "the card is of somebody with another name or birth date")
    }
    var entries: [IntakeEntry] = []
    for (number, card) in cards.enumerated() {
      let taken = try CardIntake(card.text, card.found, patient: patient, at: clock.now())
      for resource in taken.resources {
        try caller.requireScope(.update, resource.type)
        entries.append(try IntakeEntry(resource, pointer: "card[\(number)]"))
      }
    }
    let intake = try Intake(entries, unresolved: .keep, newID: newID)
    let stored = try await writing(caller) { writer in
      try intake.plan(intake.entries.indices, writer, keepUnchanged: true) { throw $1 }
    }
    let ordered = stored.sorted { $0.key < $1.key }.map(\.value)
    return HealthCardImport(
      records: ordered.map { "\($0.resource.type)/\($0.resource.id)" },
      created: ordered.count { $0.effect == .created },
      unchanged: ordered.count { $0.effect == .unchanged })
  }
}

extension HealthCardContent {
  /// The resources on the card, in their order.
  var resources: [Resource] {
    bundle?["entry"]?.elements.compactMap { entry in
      entry["resource"].flatMap { try? Resource($0) }
    } ?? []
  }
}
