import Consent
import Crypto
public import FHIR
import Foundation
import Identity
public import Primitives

/// Another node's chart, as far as its patient has opened it: what the signed Consent says, and of that what
/// is for the role of whoever looks.
public struct SharedChart: Sendable {
  /// The id of the request that it was opened for.
  public let request: String
  /// The other node's name.
  public let node: String
  public let patientName: String?
  public let patientBirthDate: String?
  public let types: [RecordType]
  public let labels: [SensitivityLabel]
  /// HL7 v3 PurposeOfUse.
  public let purpose: String
  /// When it ends by itself; nil: not.
  public let until: Instant?
}

/// The same with what a page of it is asked for with.
struct OpenedChart {
  let chart: SharedChart
  /// The patient's id at the other node.
  let patient: String
  let peer: PeerRecord
  let types: RecordTypeSet
}

extension Exchange {
  private static var ended: PeerChartError {
    PeerChartError(.forbidden, "the patient has not opened this chart to you, or not any more")
  }

  /// What a request has opened to the caller, by what this node knows. Whether it is so still, the other
  /// node says with each view.
  ///
  /// - Throws: `forbidden`, `not-found` for what is no request of this node.
  func opened(_ requestID: String, _ reading: Reading) throws -> OpenedChart {
    let caller = reading.caller
    try require(.readSharedCharts, caller)
    try requireTraining(caller, in: reading.snapshot)
    let key = Array(requestID.utf8)
    guard
      let record: AccessRequestRecord = try item(.accessRequest, key, in: reading.snapshot),
      record.direction == .outgoing
    else { throw PeerChartError(.notFound, "there is no request of that id") }
    guard record.status == .granted, let patient = record.patient, Resource.isValidID(patient),
      let node = NodeID(record.peer), let peer = try peer(node, in: reading.snapshot),
      let permission = record.permission, permission.period.contains(reading.time),
      let purpose = PurposeOfUse(rawValue: record.message.purpose),
      permission.purposes.contains(purpose)
    else { throw Self.ended }
    let types = permission.types.intersection(RoleRule.readable(by: caller.role, for: purpose))
    guard !types.isEmpty else { throw Self.ended }
    return OpenedChart(
      chart: SharedChart(
        request: requestID, node: peer.name, patientName: record.message.patient.name,
        patientBirthDate: record.message.patient.birthDate, types: types.types,
        labels: permission.labels.labels, purpose: purpose.rawValue, until: permission.period.end),
      patient: patient, peer: peer, types: types)
  }
}

extension AccessRequestRecord {
  /// What the patient has permitted, if the Consent that came with the answer is signed by the key that came
  /// with it. It decides nothing about the chart, which is for the other node to do; it says what to ask for.
  fileprivate var permission: Permission? {
    guard let consent, let patientKey,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: patientKey),
      let document = try? JSONDocument(parsing: Array(consent)),
      let signed = try? SignedConsent.verify(document.root, patientKey: key)
    else { return nil }
    return signed.grant.permission
  }
}

extension RoleRule {
  /// The kinds of records that a role of the staff may read for a purpose where the patient has opened them:
  /// minimum necessary holds for other nodes' charts as for one's own (45 CFR 164.514(d)(2)).
  fileprivate static func readable(by role: Role, for purpose: PurposeOfUse) -> RecordTypeSet {
    table.filter {
      $0.role == role && $0.actions.contains(.read) && $0.purposes.contains(purpose)
    }.reduce(into: RecordTypeSet()) { $0.formUnion($1.types) }
  }
}
