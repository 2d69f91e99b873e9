import Consent
import FHIR
import Primitives

/// A break-glass session as kept, under the tag of its chart.
struct BreakGlassRecord: Codable {
  var id: String
  var patient: String
  var node: String
  var personSystem: String
  var person: String
  var emergency: String
  var text: String
  var types: [String]
  var labels: [String]
  var justification: String?
  var disclosure: Disclosure?
  /// Milliseconds since 1970.
  var start: Int64
  var seconds: Int64
  var judgement: String?
  var reviewedAt: Int64?
  var reviewer: String?
  var note: String?

  /// The record of 42 CFR 2.51(c).
  struct Disclosure: Codable {
    var recipient: String
    var affiliation: String
    var discloser: String
    var natureOfEmergency: String
  }
}

extension BreakGlassRecord {
  init(_ session: BreakGlassSession) {
    id = session.id
    patient = session.patient
    node = session.node.description
    personSystem = session.person.system
    person = session.person.value
    emergency = session.emergency.rawValue
    text = session.text
    types = session.scope.types.types.map(\.rawValue)
    labels = session.scope.labels.labels.map(\.rawValue)
    justification = session.scope.justification
    disclosure = session.scope.emergencyDisclosure.map {
      Disclosure(
        recipient: $0.recipient, affiliation: $0.affiliation, discloser: $0.discloser,
        natureOfEmergency: $0.natureOfEmergency)
    }
    start = session.start.millisecondsSinceEpoch
    seconds = (session.end.millisecondsSinceEpoch - session.start.millisecondsSinceEpoch) / 1000
    if case .reviewed(let judgement, let reviewer, let time, let note) = session.review {
      self.judgement = judgement.rawValue
      self.reviewer = reviewer.value
      reviewedAt = time.millisecondsSinceEpoch
      self.note = note
    }
  }

  func session() throws -> BreakGlassSession {
    guard let node = NodeID(node), let emergency = BreakGlassSession.Emergency(rawValue: emergency)
    else { throw PeerChartError(.integrity, "a stored break-glass session cannot be read") }
    var session = try BreakGlassSession(
      id: id, patient: patient, node: node,
      person: PartyIdentifier(system: personSystem, value: person), emergency: emergency,
      text: text,
      scope: BreakGlassSession.Scope(
        types: RecordTypeSet(types.compactMap(RecordType.init(rawValue:))),
        labels: LabelSet(ofLabels: labels.compactMap(SensitivityLabel.init(rawValue:))),
        justification: justification,
        emergencyDisclosure: disclosure.map {
          BreakGlassSession.EmergencyDisclosure(
            recipient: $0.recipient, affiliation: $0.affiliation, discloser: $0.discloser,
            natureOfEmergency: $0.natureOfEmergency)
        }),
      start: Instant(millisecondsSinceEpoch: start), seconds: seconds)
    if let judgement = judgement.flatMap(BreakGlassReview.Judgement.init(rawValue:)) {
      session = try session.reviewed(
        as: judgement, by: PartyIdentifier(system: "urn:peerchart:node", value: reviewer ?? ""),
        at: Instant(millisecondsSinceEpoch: reviewedAt ?? start), note: note ?? "-")
    }
    return session
  }
}
