import Audit
import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Logging
import Node
import PeerNetwork
import Primitives

extension Demonstration {
  private static let asked: RecordTypeSet = RecordTypeSet([
    .demographics, .medications, .labResults, .immunizations, .problems, .allergies,
  ])
  private static let given: RecordTypeSet = RecordTypeSet([
    .demographics, .medications, .immunizations, .labResults,
  ])

  func pair() async {
    await step("the nodes are paired by invitation, each pins the other's keys") {
      guard let address = NodeAddress(hospital.address), let own = NodeAddress(household.address)
      else { throw DemoFailure(reason: "a node has no address") }
      let invitation = try await hospital.exchange.invite(
        addresses: [address], lifetime: 600, as: hospital.owner)
      let peer = try await household.exchange.accept(
        Invitation(parsing: invitation.text), addresses: [own], using: household.transport,
        as: household.owner)
      try require(peer.node == hospital.exchange.nodeID.description, "the wrong node answered")
      return "fingerprint \(peer.fingerprint)"
    }
    await step("a node that is not paired is refused") {
      let folder = FileManager.default.temporaryDirectory.path + "/peerchart-stranger-\(UUID())"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let stranger = try await PeerChartNode.initialize(
        DataFolder(folder), name: "Stranger", kind: .organization, protection: .file)
      let transport = try stranger.makeTransport(logger: .init(label: "demo"))
      let reply = try? await transport.get(
        "/fhir/Patient", purpose: "TREAT", person: nil,
        from: hospital.exchange.endpoint(of: household.exchange.nodeID))
      await transport.shutdown()
      await stranger.close()
      try require(reply?.status == 403, "a stranger's certificate was taken")
      report.refused += 1
      return ""
    }
  }

  /// The nine steps of a shared chart (catalogue N3).
  func share() async {
    var requestID = ""
    var grant: GrantSummary?
    let patientQuery = "patient=\(patient)"
    await step("before any grant the hospital is refused") {
      try await refuse("/fhir/MedicationRequest?\(patientQuery)")
      return ""
    }
    await step("1 the hospital asks: a request, signed and sealed to the household") {
      requestID = try await hospital.exchange.requestAccess(
        AccessRequestDraft(
          patient: PatientHint(id: patient), types: Self.asked, purpose: .treatment,
          seconds: 30 * 86_400, reason: "Follow-up after the visit of last week"),
        from: household.exchange.nodeID, as: hospital.owner)
      return ""
    }
    await step("2 the patient is notified and reviews the request") {
      requestID = try await eventually("the request arrives") {
        try await household.exchange.accessRequests(as: household.exchange.nodeOperator()).first {
          $0.direction == "incoming" && $0.id.hasSuffix(requestID)
        }?.id
      }
      let notices = try await household.exchange.notices(as: household.exchange.nodeOperator())
      try require(notices.contains { $0.reference == requestID }, "there is no notice")
      return
        "demographics, medications, lab results, immunizations, problems, allergies; for treatment"
    }
    await step("3 the patient grants less than was asked: four types, for 30 days, for treatment") {
      grant = try await household.exchange.answer(
        requestID,
        .grant(
          patient: patient, types: Self.given, labels: nil, seconds: nil, maximumUses: nil),
        as: household.owner)
      return grant.map { "grant \($0.id.prefix(8))" } ?? ""
    }
    await step("4 the grant is in the log, with a proof that anybody can check") {
      let events = try await household.exchange.auditEvents(
        of: patient, before: nil, limit: 50, as: household.owner)
      guard let event = events.first(where: { $0.event.kind == .grant }) else {
        throw DemoFailure(reason: "the log has no entry of the grant")
      }
      let proof = try await household.exchange.proveAudit(
        event.sequence, of: patient, as: household.owner)
      let verifier = try await household.exchange.proofVerifier()
      let answer = try await verifier.verify(proof.bundle, now: nil)
      try require(answer.verification.isVerified, "the proof does not hold")
      return "entry \(event.sequence)"
    }
    await step("5 the hospital learns of the grant") {
      _ = try await eventually("the answer arrives") {
        try await hospital.exchange.accessRequests(as: hospital.exchange.nodeOperator()).first {
          $0.direction == "outgoing" && $0.status == "granted"
        }
      }
      return ""
    }
    await step("6 the hospital reads just what was granted") {
      let demographics = try await read("/fhir/Patient?_id=\(patient)")
      let medications = try await read("/fhir/MedicationRequest?\(patientQuery)&_count=200")
      let immunizations = try await read("/fhir/Immunization?\(patientQuery)&_count=200")
      let labs = try await read(
        "/fhir/Observation?\(patientQuery)&category=laboratory&_count=200")
      try await refuse("/fhir/AllergyIntolerance?\(patientQuery)")
      try await refuse("/fhir/Condition?\(patientQuery)")
      try await refuse("/fhir/MedicationRequest?\(patientQuery)", purpose: .research)
      let count = [demographics, medications, immunizations, labs].flatMap(\.values).reduce(0, +)
      try require(count > 0, "nothing came")
      return "\(count) records; two types that were not granted and another purpose refused"
    }
    await step("7 the patient sees every access: who, what, when, why, under which grant") {
      let events = try await household.exchange.auditEvents(
        of: patient, before: nil, limit: 200, as: household.owner)
      let reads = events.filter { $0.event.kind == .disclosure && $0.event.actor.kind == .peer }
      // A search that finds nothing is an access too.
      let searches = events.filter {
        $0.event.kind == .decisionPermit && $0.event.actor.kind == .peer
      }
      let refusals = events.filter {
        $0.event.kind == .decisionDeny && $0.event.actor.kind == .peer
      }
      try require(
        reads.count + searches.count >= 4 && refusals.count >= 3
          && reads.allSatisfy { !$0.event.consents.isEmpty },
        "an access is missing from the log")
      return "\(reads.count + searches.count) accesses and \(refusals.count) refusals"
    }
    await step("8 the log's hashes and signatures are recomputed") {
      let verification = try await household.exchange.verifyAudit { _ in }
      try require(verification.verified, verification.findings.first ?? "the log does not verify")
      return "\(verification.entries) entries"
    }
    await step("9 the patient revokes; the very next request is refused") {
      guard let grant else { throw DemoFailure(reason: "there is no grant") }
      _ = try await read("/fhir/Immunization?\(patientQuery)&_count=1")
      try await household.exchange.revoke(grant.id, as: household.owner)
      try await refuse("/fhir/Immunization?\(patientQuery)")
      return ""
    }
  }

  func expire() async {
    await step("a grant of a few seconds ends by itself") {
      let query = "/fhir/Immunization?patient=\(patient)&_count=1"
      // Where two seconds were over before anything could be read, longer ones.
      for seconds in [2, 8, 32] {
        let draft = GrantDraft(
          patient: patient, grantee: .node(hospital.exchange.nodeID), types: Self.given,
          purposes: .treatment, actions: [.read, .search], seconds: Int64(seconds))
        let end = ContinuousClock.now + .seconds(seconds)
        _ = try await household.exchange.grant(draft, as: household.owner)
        let reply = try await ask(query)
        if reply.status != 200, ContinuousClock.now >= end { continue }
        _ = try records(in: reply)
        try await Task.sleep(for: .seconds(seconds) + .milliseconds(100))
        try await refuse(query)
        return ""
      }
      throw DemoFailure(reason: "reading takes longer than the grant lasts")
    }
  }
}
