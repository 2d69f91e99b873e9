import Audit
public import Consent
import Crypto
import FHIR
import Foundation
public import Primitives

/// What a patient gives, or denies, to whom.
public struct GrantDraft: Sendable {
  public var patient: String
  public var grantee: Grantee
  public var types: RecordTypeSet
  public var labels: LabelSet
  public var purposes: PurposeSet
  public var actions: ActionSet
  /// How long it holds from now, in seconds.
  public var seconds: Int64
  /// The moment at which it ends, instead.
  public var until: Instant?
  public var maximumUses: Int?
  public var isDelegable: Bool
  /// Whether it is a restriction (45 CFR 164.522) instead of a permission.
  public var isDenial: Bool

  public init(
    patient: String, grantee: Grantee, types: RecordTypeSet, labels: LabelSet = .ordinary,
    purposes: PurposeSet, actions: ActionSet, seconds: Int64, maximumUses: Int? = nil,
    isDelegable: Bool = false, isDenial: Bool = false
  ) {
    self.patient = patient
    self.grantee = grantee
    self.types = types
    self.labels = labels
    self.purposes = purposes
    self.actions = actions
    self.seconds = seconds
    self.maximumUses = maximumUses
    self.isDelegable = isDelegable
    self.isDenial = isDenial
  }
}

/// A grant as people and programs see it.
public struct GrantSummary: Sendable, Encodable {
  public let id: String
  public let consent: String
  public let patient: String
  public let status: String
  public let kind: String
  public let grantee: String
  public let recordTypes: [String]
  public let labels: [String]
  public let purposes: [String]
  public let actions: [String]
  public let from: String?
  public let until: String?
  public let maximumUses: Int?
  public let uses: Int
  public let delegable: Bool
}

extension Exchange {
  /// Makes a grant: signed by the patient's key, kept as a FHIR Consent, told to the grantee if that is
  /// a paired node.
  ///
  /// - Throws: `not-found` for a patient without a chart, `forbidden` where the patient's key lies elsewhere.
  public func grant(_ draft: GrantDraft, as caller: Caller) async throws -> GrantSummary {
    try await makeGrant(draft, answering: nil, caller)
  }

  func makeGrant(
    _ draft: GrantDraft, answering request: AccessRequestRecord?, _ caller: Caller
  ) async throws -> GrantSummary {
    try require(.decideSharing, of: draft.patient, caller)
    let id = newID()
    let summary = try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard try reading.hasPatient(draft.patient) else {
        throw PeerChartError(.notFound, "there is no chart of that patient")
      }
      if let request { try requirePending(request, in: snapshot) }
      let (key, keepKey) = try patientSigningKey(draft.patient, in: snapshot)
      let grant = Self.makeGrant(draft, id: GrantID(id), key: key, at: reading.time)
      let consent = try GrantSigner.sign(grant, with: key)
      let writer = RecordWriter(reading)
      let stored = try writer.put(Resource(parsing: consent), id: id)
      var passage = try writer.passage(GrantSummary(grant, consent: "Consent/\(id)", uses: 0))
      var event = EventDraft(kind: .grant)
      event.patient = draft.patient
      event.grants = [id]
      event.entities = ["Consent/\(id)/_history/\(stored.resource.version)"]
      if let keepKey { passage.change(keepKey, &event) }
      if case .node(let node) = draft.grantee, !draft.isDenial,
        let peer = try peer(node, in: snapshot)
      {
        let message = try outgoing(
          .accessAnswer(
            AccessAnswerMessage(
              request: request?.id, granted: true, grant: id, patient: draft.patient,
              consent: Data(consent),
              patientKey: key.publicKey.rawRepresentation, note: nil)), to: peer)
        passage.also { try $0.putOutbox(message) }
      }
      if var request {
        request.status = .granted
        request.grant = id
        request.patient = draft.patient
        passage.change(
          try keeping(.accessRequest, request.key, request, after: snapshot), &event)
      }
      passage.entries.append(try entry(event, reading))
      return passage
    }
    signalOutbox()
    return summary
  }

  private static func makeGrant(
    _ draft: GrantDraft, id: GrantID, key: Curve25519.Signing.PrivateKey, at time: Instant
  ) -> Grant {
    let period = TimeWindow(start: time, end: draft.until ?? time.adding(seconds: draft.seconds))
    let content: Grant.Content =
      draft.isDenial
      ? .denial(
        Denial(
          grantees: [draft.grantee], types: draft.types,
          labels: draft.labels == .ordinary ? nil : draft.labels, purposes: draft.purposes,
          actions: draft.actions, period: period))
      : .permission(
        Permission(
          grantee: draft.grantee, types: draft.types, labels: draft.labels,
          purposes: draft.purposes, actions: draft.actions, period: period), except: [])
    return Grant(
      id: id, patient: draft.patient, issued: time,
      grantorKey: GrantSigner.keyID(of: key.publicKey),
      content: content, maximumUses: draft.isDenial ? nil : draft.maximumUses,
      isDelegable: draft.isDelegable && !draft.isDenial)
  }

  /// Ends a grant. The next request of its grantee is refused, on every instance.
  ///
  /// - Throws: `not-found`; `conflict` when it was revoked before.
  public func revoke(_ grantID: String, as caller: Caller) async throws {
    try requireRole(.decideSharing, caller)
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard let row = try snapshot.newestVersion(of: keys.recordKey("Consent", grantID)) else {
        throw PeerChartError(.notFound, "there is no grant of that id; `consent list` shows them")
      }
      let record = try reading.open(row)
      guard let patient = record.patients.first,
        let known = try patientKeys(patient, in: snapshot), let key = known.privateKey,
        let signed = record.grant(
          of: patient, signedBy: GrantKeys(patient: known.publicKey, nodes: [:]))
      else {
        throw PeerChartError(.notFound, "there is no grant of that id; `consent list` shows them")
      }
      // That there is such a grant is for those to know whose chart it is about.
      guard caller.identity == .nodeOperator || caller.patients.contains(patient) else {
        throw PeerChartError(.notFound, "there is no grant of that id; `consent list` shows them")
      }
      try require(.decideSharing, of: patient, caller)
      guard signed.grant.status == .active else {
        throw PeerChartError(.conflict, "this grant was revoked before")
      }
      var ended = signed.grant
      ended.status = .revoked
      let writer = RecordWriter(reading)
      let stored = try writer.put(
        Resource(parsing: try GrantSigner.sign(ended, with: key)), id: grantID)
      var passage = try writer.passage(())
      var event = EventDraft(kind: .revoke)
      event.patient = patient
      event.grants = [signed.grant.id.value]
      event.entities = ["Consent/\(grantID)/_history/\(stored.resource.version)"]
      passage.entries.append(try entry(event, reading))
      if case .node(let node)? = signed.grant.permission?.grantee,
        let peer = try peer(node, in: snapshot)
      {
        let statement = try RevocationStatement.sign(signed, at: reading.time, with: key)
        let message = try outgoing(
          .revocation(
            RevocationMessage(
              grant: signed.grant.id.value, patient: patient, statement: Data(statement))), to: peer
        )
        passage.also { try $0.putOutbox(message) }
      }
      return passage
    }
    signalOutbox()
  }

  /// The grants of one patient, or of all patients of the node.
  public func grants(of patient: String?, as caller: Caller) async throws -> [GrantSummary] {
    try require(.decideSharing, of: patient, caller)
    return try await store.read { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      var found: [GrantSummary] = []
      let slots: [Int64]
      if let patient {
        slots = try reading.slot(of: patient).map { [$0] } ?? []
      } else {
        slots = try snapshot.charts(after: 0, limit: 100_000).filter { $0.wrappedKey != nil }.map(
          \.slot)
      }
      for slot in slots {
        try reading.eachSignedConsent(slot: slot) { record in
          guard let patient = record.patients.first,
            let key = try patientKeys(patient, in: snapshot)?.publicKey
          else { return }
          guard
            let signed = record.grant(
              of: patient, signedBy: try grantKeys(of: key, in: snapshot))
          else { return }
          let uses = try snapshot.counter(GrantUse.counter(signed.grant.id))
          found.append(
            GrantSummary(signed.grant, consent: "Consent/\(record.id)", uses: Int(clamping: uses)))
        }
      }
      return found
    }
  }
}

extension GrantSummary {
  init(_ grant: Grant, consent: String, uses: Int) {
    let denial = grant.permission == nil ? grant.denials.first : nil
    id = grant.id.value
    self.consent = consent
    patient = grant.patient
    status = grant.status == .active ? "active" : "revoked"
    kind = grant.permission == nil ? "denial" : "permission"
    grantee = (grant.permission.map { [$0.grantee] } ?? denial?.grantees ?? [])
      .map(\.text).joined(separator: ", ")
    recordTypes = (grant.permission?.types ?? denial?.types ?? .all).types.map(\.rawValue)
    labels = (grant.permission?.labels ?? denial?.labels ?? []).labels.map(\.rawValue)
    purposes = (grant.permission?.purposes ?? denial?.purposes ?? .all).purposes.map(\.rawValue)
    actions = (grant.permission?.actions ?? denial?.actions ?? .all).actions.map(\.rawValue)
    from = (grant.permission?.period ?? denial?.period)?.start?.description
    until = (grant.permission?.period ?? denial?.period)?.end?.description
    maximumUses = grant.maximumUses
    self.uses = uses
    delegable = grant.isDelegable
  }
}

extension Grantee {
  /// How a grantee is written: `node:…`, `organization:system|value`, `person:system|value`.
  public var text: String {
    switch self {
    case .node(let id): "node:\(id)"
    case .organization(let id): "organization:\(id.system)|\(id.value)"
    case .person(let id): "person:\(id.system)|\(id.value)"
    }
  }
}
