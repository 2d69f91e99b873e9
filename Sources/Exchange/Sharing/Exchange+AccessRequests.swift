import Audit
public import Consent
import FHIR
import Foundation
public import Primitives

/// What a node asks another for.
public struct AccessRequestDraft: Sendable {
  public var patient: PatientHint
  public var access:
    (types: RecordTypeSet, labels: LabelSet, purpose: PurposeOfUse, actions: ActionSet)
  public var seconds: Int64
  public var reason: String

  public init(
    patient: PatientHint, types: RecordTypeSet, labels: LabelSet = .ordinary,
    purpose: PurposeOfUse, actions: ActionSet = [.read, .search], seconds: Int64, reason: String
  ) {
    self.patient = patient
    access = (types, labels, purpose, actions)
    self.seconds = seconds
    self.reason = reason
  }
}

/// How the patient answers a request: as asked, narrowed, or not at all.
public enum AccessAnswer: Sendable {
  /// - Parameters:
  ///   - types: of the types asked for, those given; nil for all that were asked for.
  ///   - seconds: a shorter time than asked for.
  case grant(
    patient: String, types: RecordTypeSet?, labels: LabelSet?, seconds: Int64?, maximumUses: Int?)
  case refuse(note: String?)
}

extension Exchange {
  /// Asks another node's patient for access.
  ///
  /// - Returns: the request's id.
  public func requestAccess(
    _ draft: AccessRequestDraft, from node: NodeID, as caller: Caller
  ) async throws -> String {
    try require(.requestAccess, caller)
    guard (1...MessageLimits.longestAccess).contains(draft.seconds), !draft.access.types.isEmpty
    else {
      throw PeerChartError(.invalid, "a request names record types and a time")
    }
    let id = newID()
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard let peer = try peer(node, in: snapshot) else {
        throw PeerChartError(.notFound, "this node is not paired with that one")
      }
      let message = AccessRequestMessage(
        request: id, patient: draft.patient, recordTypes: draft.access.types.types.map(\.rawValue),
        labels: draft.access.labels.labels.map(\.rawValue), purpose: draft.access.purpose.rawValue,
        actions: draft.access.actions.actions.map(\.rawValue), seconds: draft.seconds,
        reason: draft.reason,
        accreditation: try ownAccreditation(at: reading.time, in: snapshot))
      guard message.isPlausible else {
        throw PeerChartError(.invalid, "this request is longer than a request can be")
      }
      var record = AccessRequestRecord(
        id: id, direction: .outgoing, status: .pending, peer: peer.node, peerName: peer.name,
        message: message, at: reading.time.millisecondsSinceEpoch)
      if case .account(let account) = caller.identity { record.askedBy = account }
      let row = try outgoing(.accessRequest(message), to: peer)
      var event = EventDraft(kind: .accessRequest)
      event.detail = ["peer": peer.node, "request": id]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(.accessRequest, record.key, record), &event)
      passage.also { try $0.putOutbox(row) }
      passage.entries = [try entry(event, reading)]
      return passage
    }
    signalOutbox()
    return id
  }

  /// Requests that this node received or made, newest first: to the patient those about the own chart, to
  /// the staff those that were made here.
  public func accessRequests(as caller: Caller) async throws -> [AccessRequestSummary] {
    try await store.read { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let requests = try rememberedItems(.accessRequest, as: AccessRequestRecord.self, in: snapshot)
        .map(\.value).filter { try isToBeSeen($0, reading) }
      let entities = try asking(requests, snapshot)
      return requests.sorted { $0.at > $1.at }
        .map {
          AccessRequestSummary($0, entity: $0.direction == .incoming ? entities[$0.peer] : nil)
        }
    }
  }

  /// How the nodes stand from which requests came, by their ids.
  private func asking(
    _ requests: [AccessRequestRecord], _ snapshot: any StoreSnapshot
  ) throws -> [String: EntitySummary] {
    let accreditors = try trustedAccreditors(in: snapshot)
    let nodes = Set(requests.filter { $0.direction == .incoming }.map(\.peer))
    return try nodes.reduce(into: [:]) { entities, peer in
      guard let node = NodeID(peer) else { return }
      entities[peer] = EntitySummary(
        try entityStanding(of: node, at: clock.now(), by: accreditors, in: snapshot), of: node,
        named: nil)
    }
  }

  /// Answers a request that came in.
  ///
  /// - Returns: the grant, or nil for a refusal.
  /// - Throws: `not-found`; `conflict` when it was answered before.
  public func answer(
    _ requestID: String, _ answer: AccessAnswer, as caller: Caller
  ) async throws -> GrantSummary? {
    try requireRole(.decideSharing, caller)
    let record: AccessRequestRecord? = try await store.read { [self] in
      try item(.accessRequest, Array(requestID.utf8), in: $0)
    }
    guard let record, record.direction == .incoming else {
      throw PeerChartError(
        .notFound, "there is no request of that id; `consent requests` shows them")
    }
    switch answer {
    case .grant(let patient, let types, let labels, let seconds, let maximumUses):
      return try await makeGrant(
        try Self.draft(record, patient, types, labels, seconds, maximumUses), answering: record,
        caller)
    case .refuse(let note):
      guard MessageLimits.fits(note, MessageLimits.text) else {
        throw PeerChartError(.tooLarge, "a note is at most \(MessageLimits.text) bytes")
      }
      try await refuse(record, note, caller)
      return nil
    }
  }

  /// A request is answered once, also where two answer it at the same moment.
  func requirePending(_ request: AccessRequestRecord, in snapshot: any StoreSnapshot) throws {
    let stored: AccessRequestRecord? = try item(.accessRequest, request.key, in: snapshot)
    guard stored?.status == .pending else {
      throw PeerChartError(.conflict, "this request was answered before")
    }
  }

  /// Minimum necessary: what the request did not name is not given, whatever the answer says.
  private static func draft(
    _ record: AccessRequestRecord, _ patient: String, _ types: RecordTypeSet?, _ labels: LabelSet?,
    _ seconds: Int64?, _ maximumUses: Int?
  ) throws -> GrantDraft {
    let message = record.message
    var asked = RecordTypeSet(message.recordTypes.compactMap(RecordType.init(rawValue:)))
    if let types { asked.formIntersection(types) }
    var labelsAsked = LabelSet(
      ofLabels: message.labels.compactMap(SensitivityLabel.init(rawValue:)))
    if let labels { labelsAsked.formIntersection(labels) }
    guard let purpose = PurposeOfUse(rawValue: message.purpose), let node = NodeID(record.peer),
      !asked.isEmpty
    else { throw PeerChartError(.invalid, "nothing of what was asked for would be granted") }
    return GrantDraft(
      patient: patient, grantee: .node(node), types: asked, labels: labelsAsked,
      purposes: PurposeSet(purpose),
      actions: ActionSet(message.actions.compactMap(ConsentAction.init(rawValue:))),
      seconds: min(seconds ?? message.seconds, message.seconds), maximumUses: maximumUses)
  }

  private func refuse(_ record: AccessRequestRecord, _ note: String?, _ caller: Caller) async throws
  {
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      try require(.decideSharing, of: addressee(of: record, reading), caller)
      try requirePending(record, in: snapshot)
      var refused = record
      refused.status = .refused
      refused.note = note
      var event = EventDraft(kind: .decisionDeny)
      event.detail = ["peer": record.peer, "request": record.id]
      event.reasons = ["refused-by-patient"]
      var passage = Passage(outcome: .success(()))
      passage.change(
        try keeping(.accessRequest, refused.key, refused, after: snapshot), &event)
      passage.entries = [try entry(event, reading)]
      if let node = NodeID(record.peer), let peer = try peer(node, in: snapshot) {
        let message = try outgoing(
          .accessAnswer(AccessAnswerMessage(request: record.id, granted: false, note: note)),
          to: peer)
        passage.also { try $0.putOutbox(message) }
      }
      return passage
    }
    signalOutbox()
  }
}

extension LabelSet {
  /// Ordinary records, and those with the labels named.
  init(ofLabels labels: some Sequence<SensitivityLabel>) {
    self = labels.reduce(into: .ordinary) { $0.formUnion(LabelSet($1)) }
  }
}
