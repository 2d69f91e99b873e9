import Foundation
import Identity
import Primitives

/// A request for access, as each of the two nodes keeps it.
struct AccessRequestRecord: Codable, Sendable {
  enum Direction: String, Codable, Sendable { case incoming, outgoing }
  enum Status: String, Codable, Sendable { case pending, granted, refused, revoked }

  var id: String
  var direction: Direction
  var status: Status
  /// The other node.
  var peer: String
  var peerName: String
  var message: AccessRequestMessage
  /// Milliseconds since 1970.
  var at: Int64
  var patient: String?
  var grant: String?
  var note: String?
  /// At the requester: the signed Consent and the key that signed it.
  var consent: Data?
  var patientKey: Data?
  /// At the requester: whose request it was, who is told of the answer.
  var askedBy: AccountID?

  var key: [UInt8] { Array(id.utf8) }
}

/// A request for access, for people and programs to look at.
public struct AccessRequestSummary: Sendable, Encodable {
  public let id: String
  public let direction: String
  public let status: String
  public let peer: String
  /// The other node's id: names are what nodes call themselves, and two may have the same.
  public let node: String
  public let patient: String?
  public let patientName: String?
  public let patientBirthDate: String?
  public let recordTypes: [String]
  public let labels: [String]
  public let purpose: String
  public let actions: [String]
  public let hours: Double
  public let reason: String
  public let at: String
  public let grant: String?
  public let note: String?
  /// How the node that asks stands with accreditors whose word is taken here; nil for one that was asked.
  public let entity: EntitySummary?

  init(_ record: AccessRequestRecord, entity: EntitySummary? = nil) {
    self.entity = entity
    id = record.id
    direction = record.direction.rawValue
    status = record.status.rawValue
    peer = record.peerName
    node = record.peer
    patient = record.patient
    patientName = record.message.patient.name
    patientBirthDate = record.message.patient.birthDate
    recordTypes = record.message.recordTypes
    labels = record.message.labels
    purpose = record.message.purpose
    actions = record.message.actions
    hours = Double(record.message.seconds) / 3600
    reason = record.message.reason
    at = Instant(millisecondsSinceEpoch: record.at).description
    grant = record.grant
    note = record.note
  }
}
