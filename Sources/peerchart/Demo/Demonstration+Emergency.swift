import Audit
import Consent
import Exchange
import FHIR
import Foundation
import Node
import PeerNetwork
import Primitives

extension Demonstration {
  /// Break-glass (catalogue N4).
  func breakGlass() async {
    await step("emergency: without breaking the glass nothing opens") {
      try await refuse("/fhir/AllergyIntolerance?patient=\(patient)", purpose: .emergencyTreatment)
      return ""
    }
    await step(
      "emergency: the glass is broken, with a coded reason; allergies and medications open"
    ) {
      let body = try JSONEncoder().encode([
        "patient": patient, "reason": "unconscious", "text": "Brought in unconscious",
      ])
      let reply = try await hospital.transport.post(
        "/peer/break-glass", body: Array(body), purpose: "ETREAT",
        to: hospital.exchange.endpoint(of: household.exchange.nodeID))
      try require(reply.status < 300, "the glass did not break: status \(reply.status)")
      let allergies = try await read(
        "/fhir/AllergyIntolerance?patient=\(patient)", purpose: .emergencyTreatment)
      let medications = try await read(
        "/fhir/MedicationRequest?patient=\(patient)&_count=200", purpose: .emergencyTreatment)
      try await refuse("/fhir/Immunization?patient=\(patient)", purpose: .emergencyTreatment)
      let count = [allergies, medications].flatMap(\.values).reduce(0, +)
      return "\(count) records; immunizations stay closed"
    }
    await step("emergency: the patient is told, sees what was read, and reviews it") {
      let notices = try await household.exchange.notices(as: household.exchange.nodeOperator())
      guard let notice = notices.first(where: { $0.kind == .glassBroken && $0.patient == patient }),
        let session = notice.reference
      else { throw DemoFailure(reason: "there is no notice") }
      let events = try await household.exchange.auditEvents(
        of: patient, before: nil, limit: 200, as: household.owner)
      try require(
        events.contains {
          $0.event.kind == .breakGlass && $0.event.detail["break-glass"] == session
        },
        "the access is not marked in the log")
      try await household.exchange.review(
        breakGlass: session, accepted: false, note: "Not an emergency", as: household.owner)
      try await refuse("/fhir/AllergyIntolerance?patient=\(patient)", purpose: .emergencyTreatment)
      return "judged a violation: closed at once"
    }
  }
}
