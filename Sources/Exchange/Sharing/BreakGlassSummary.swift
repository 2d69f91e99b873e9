import Consent
import FHIR
import Primitives

/// A break-glass session, for people and programs to look at.
public struct BreakGlassSummary: Sendable, Encodable {
  public let session: String
  public let patient: String
  public let by: String
  public let reason: String
  public let text: String
  public let recordTypes: [String]
  /// The sensitivity labels whose records it opens beside ordinary ones.
  public let labels: [String]
  public let justification: String?
  /// Where records about substance use are opened: what 42 CFR 2.51(c) wants recorded.
  public let disclosure: EmergencyDisclosureSummary?
  public let from: String
  public let until: String
  public let review: String
  public let reviewDue: String

  init(_ session: BreakGlassSession) {
    self.session = session.id
    patient = session.patient
    by = session.person.value
    reason = session.emergency.rawValue
    text = session.text
    recordTypes = session.scope.types.types.map(\.rawValue)
    labels = session.scope.labels.labels.map(\.rawValue)
    justification = session.scope.justification
    disclosure = session.scope.emergencyDisclosure.map {
      EmergencyDisclosureSummary($0, at: session.start)
    }
    from = session.start.description
    until = session.end.description
    reviewDue = session.reviewDue.description
    review =
      switch session.review {
      case .pending: "pending"
      case .reviewed(let judgement, _, _, _): judgement.rawValue
      }
  }
}

/// The record of a disclosure in a medical emergency (42 CFR 2.51(c)), with the words that go with the
/// records to whoever receives them (2.32(a)(2)).
public struct EmergencyDisclosureSummary: Sendable, Encodable {
  /// The name of the medical personnel to whom it was made.
  public let recipient: String
  public let affiliation: String
  /// Who made it.
  public let discloser: String
  public let time: String
  public let natureOfEmergency: String
  public let notice: String

  init(_ disclosure: BreakGlassSession.EmergencyDisclosure, at time: Instant) {
    recipient = disclosure.recipient
    affiliation = disclosure.affiliation
    discloser = disclosure.discloser
    self.time = time.description
    natureOfEmergency = disclosure.natureOfEmergency
    notice = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
  }

  /// As members of an audit entry's detail.
  var detail: [String: String] {
    [
      "disclosure-rule": "42 CFR 2.51", "disclosure-recipient": recipient,
      "disclosure-affiliation": affiliation, "disclosure-by": discloser, "disclosure-time": time,
      "nature-of-emergency": natureOfEmergency,
    ]
  }

  /// As a sentence for the patient.
  var sentence: String {
    "Records about substance use were opened in a medical emergency (42 CFR 2.51) to \(recipient), "
      + "\(affiliation), by \(discloser), at \(time); nature of the emergency: \(natureOfEmergency)"
  }
}
