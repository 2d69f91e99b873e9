import Audit
import Foundation
import Primitives

extension Exchange {
  /// Takes a message that a paired node delivers, exactly once however often it is delivered.
  ///
  /// - Returns: the acknowledgement, JSON.
  /// - Throws: `forbidden` for callers that are no peers, `integrity` for a message that is not theirs.
  public func receive(message: [UInt8], from caller: Caller) async throws -> [UInt8] {
    guard case .peer(let node) = caller.identity else {
      throw PeerChartError(.forbidden, "only paired nodes deliver messages")
    }
    let acknowledged: [UInt8] = try await pass { [self] snapshot in
      guard let peer = try peer(node, in: snapshot) else {
        throw PeerChartError(.forbidden, "this node is not paired with that one")
      }
      let (id, body) = try opened(message, from: peer)
      let reply = Array("{\"received\":\"\(Hex.encode(id))\"}".utf8)
      guard try !snapshot.hasReceived(id) else { return Passage(outcome: .success(reply)) }
      let reading = Reading(self, snapshot, caller)
      var event = EventDraft(kind: .messageReceived)
      event.detail = ["message": Hex.encode(id)]
      let now = reading.time.millisecondsSinceEpoch
      var passage = Passage(outcome: .success(reply))
      passage.also { transaction in
        guard try transaction.receive(messageID: id, at: now) else {
          throw PeerChartError(.staleDecision, "the message came twice at once")
        }
      }
      try handle(body, from: peer, reading, &event, &passage)
      passage.entries.append(try entry(event, reading))
      return passage
    }
    return acknowledged
  }

  private func handle(
    _ body: PeerMessage.Body, from peer: PeerRecord, _ reading: Reading, _ event: inout EventDraft,
    _ passage: inout Passage<[UInt8]>
  ) throws {
    switch body {
    case .accessRequest(let message):
      event.kind = .accessRequest
      event.detail["request"] = message.request
      try keepRequest(message, from: peer, reading, &event, &passage)
    case .accessAnswer(let message):
      event.detail["request"] = message.request ?? "none"
      try keepAnswer(message, from: peer, reading, &event, &passage)
    case .revocation(let message):
      event.kind = .revoke
      event.grants = [String(message.grant.prefix(64))]
      try keepRevocation(message, from: peer, reading, &event, &passage)
    case .document(let message):
      event.kind = .documentReceived
      try keepDocument(message, from: peer, reading, &event, &passage)
    }
  }

  private func keepRequest(
    _ message: AccessRequestMessage, from peer: PeerRecord, _ reading: Reading,
    _ event: inout EventDraft, _ passage: inout Passage<[UInt8]>
  ) throws {
    guard message.isPlausible else {
      throw PeerChartError(.invalid, "this request is longer than a request can be")
    }
    // The id is the sender's choice; under the sender's name it can clash with nobody else's.
    let id = "\(peer.node.prefix(16))-\(message.request)"
    let patient = try message.patient.id.flatMap { try reading.hasPatient($0) ? $0 : nil }
    event.patient = patient
    let record = AccessRequestRecord(
      id: id, direction: .incoming, status: .pending, peer: peer.node, peerName: peer.name,
      message: message, at: reading.time.millisecondsSinceEpoch, patient: patient)
    guard try reading.snapshot.item(.accessRequest, key: record.key) == nil else {
      throw PeerChartError(.conflict, "a request of that id came before")
    }
    passage.change(try keeping(.accessRequest, record.key, record), &event)
    if let shown = message.accreditation, shown != peer.accreditation, let node = NodeID(peer.node)
    {
      var known = peer
      known.accreditation = shown
      passage.change(try keeping(.peer, node.bytes, known, after: reading.snapshot), &event)
      try learn(shown, of: node, reading, &passage)
    }
    passage.change(
      try notice(
        .accessRequested, at: reading.time, patient: patient, peer: peer.name, reference: id,
        text: message.reason), &event)
    if let patient { try mail(.accessRequested, about: patient, &passage, in: reading.snapshot) }
  }

  private func keepAnswer(
    _ message: AccessAnswerMessage, from peer: PeerRecord, _ reading: Reading,
    _ event: inout EventDraft, _ passage: inout Passage<[UInt8]>
  ) throws {
    guard message.isPlausible else {
      throw PeerChartError(.invalid, "this answer is longer than an answer can be")
    }
    // Our request went out under our own id; the peer knows it under ours with its prefix.
    let id = message.request.map { String($0.drop { $0 != "-" }.dropFirst()) } ?? newID()
    let key = Array(id.utf8)
    var record: AccessRequestRecord
    if let known: AccessRequestRecord = try item(.accessRequest, key, in: reading.snapshot) {
      guard known.direction == .outgoing, known.peer == peer.node else {
        throw PeerChartError(.invalid, "this answers no request of this node")
      }
      record = known
    } else {
      record = AccessRequestRecord(
        id: id, direction: .outgoing, status: .pending, peer: peer.node, peerName: peer.name,
        message: AccessRequestMessage(
          request: id, patient: PatientHint(id: message.patient), recordTypes: [], labels: [],
          purpose: "", actions: [], seconds: 0, reason: ""),
        at: reading.time.millisecondsSinceEpoch)
    }
    record.status = message.granted ? .granted : .refused
    record.patient = message.patient
    record.note = message.note
    record.grant = message.grant
    record.consent = message.consent
    record.patientKey = message.patientKey
    passage.change(try keeping(.accessRequest, key, record), &event)
    passage.change(
      try notice(
        message.granted ? .accessGranted : .accessRefused, at: reading.time,
        patient: message.patient, peer: peer.name, reference: id, text: message.note), &event)
    if let account = try record.askedBy.flatMap({ try self.account($0, in: reading.snapshot) }) {
      try mail(.requestDecided, to: account, &passage, in: reading.snapshot)
    }
  }

  private func keepRevocation(
    _ message: RevocationMessage, from peer: PeerRecord, _ reading: Reading,
    _ event: inout EventDraft, _ passage: inout Passage<[UInt8]>
  ) throws {
    guard message.isPlausible else {
      throw PeerChartError(.invalid, "this revocation is longer than a revocation can be")
    }
    for (key, var record) in try items(
      .accessRequest, as: AccessRequestRecord.self, in: reading.snapshot)
    where record.direction == .outgoing && record.peer == peer.node
      && record.patient == message.patient && record.status == .granted
      && (record.grant == nil || record.grant == message.grant)
    {
      record.status = .revoked
      passage.change(try keeping(.accessRequest, key, record), &event)
    }
    passage.change(
      try notice(
        .accessRevoked, at: reading.time, patient: message.patient, peer: peer.name,
        reference: message.grant), &event)
  }
}
