import Foundation
import Identity
import Primitives
import SecDocument

/// A message between nodes. On the wire it is a `.sec` document: signed by the sender, sealed to the
/// receiver, its document id the message's id (docs/format/peer-message.md).
struct PeerMessage: Codable, Sendable {
  static let mediaType = "application/vnd.peerchart.message+json"
  /// A message that is older than this is not taken: nobody remembers its id for longer.
  static let lifetime: Int64 = 30 * 86_400

  /// The receiver's node id, so that nobody can pass a message on as meant for somebody else.
  var to: String
  var body: Body

  enum Body: Codable, Sendable {
    case accessRequest(AccessRequestMessage)
    case accessAnswer(AccessAnswerMessage)
    case revocation(RevocationMessage)
    case document(DocumentMessage)
  }
}

/// A request for access to a patient's records.
struct AccessRequestMessage: Codable, Sendable {
  var request: String
  var patient: PatientHint
  var recordTypes: [String]
  var labels: [String]
  var purpose: String
  var actions: [String]
  /// How long access is asked for, in seconds.
  var seconds: Int64
  var reason: String
  /// What an accreditor says of the node that asks (docs/format/accreditation.md).
  var accreditation: String?
}

/// How a requester names a patient whose id at the other node it may not know.
public struct PatientHint: Codable, Sendable {
  public var id: String?
  public var name: String?
  public var birthDate: String?
  public init(id: String? = nil, name: String? = nil, birthDate: String? = nil) {
    self.id = id
    self.name = name
    self.birthDate = birthDate
  }
}

/// The answer to a request: the signed Consent, or a refusal.
struct AccessAnswerMessage: Codable, Sendable {
  var request: String?
  var granted: Bool
  var grant: String?
  /// The patient's id at the node that keeps the chart.
  var patient: String?
  /// The signed FHIR Consent, as its bytes.
  var consent: Data?
  var patientKey: Data?
  var note: String?
}

/// Word that a grant no longer holds.
struct RevocationMessage: Codable, Sendable {
  var grant: String
  var patient: String
  /// The grantor's signed statement, for the receiver to keep.
  var statement: Data
}

/// A document handed over.
struct DocumentMessage: Codable, Sendable {
  var document: Data
  var title: String
}

extension Exchange {
  /// Seals a message for a peer; it goes out with the transaction that puts it into the outbox.
  func outgoing(_ body: PeerMessage.Body, to peer: PeerRecord) throws -> OutboxRow {
    let statement = try peer.verified()
    let now = clock.now()
    let content = try JSONEncoder().encode(PeerMessage(to: peer.node, body: body))
    let (bytes, document) = try SecWriter.seal(
      Array(content), draft: SecDraft(mediaType: PeerMessage.mediaType, created: now),
      recipients: [.xwing(publicKey: statement.keys.sealingBytes)], signer: signer, random: random)
    return OutboxRow(
      id: document.manifest.documentID, peer: statement.node.bytes,
      createdAt: now.millisecondsSinceEpoch, nextAttempt: now.millisecondsSinceEpoch, attempts: 0,
      sealed: bytes)
  }

  /// Opens a message and checks that it is from `sender`, for this node, and of this time.
  func opened(_ bytes: [UInt8], from sender: PeerRecord) throws -> (
    id: [UInt8], body: PeerMessage.Body
  ) {
    let (content, document) = try SecReader.open(bytes, with: [.xwing(identity.sealing)])
    let manifest = document.manifest
    let statement = try sender.verified()
    guard manifest.mediaType == PeerMessage.mediaType, manifest.issuer == statement.node,
      manifest.signingKey == statement.keys.signingBytes
    else {
      throw PeerChartError(.integrity, "this message is not from the node that delivers it")
    }
    let now = clock.now()
    guard manifest.created <= now.adding(seconds: limits.clockSkew) else {
      throw PeerChartError(
        .invalid, "this message is from the future: the sender's clock or this node's is off")
    }
    guard now <= manifest.created.adding(seconds: PeerMessage.lifetime) else {
      throw PeerChartError(.invalid, "this message is older than a message may be")
    }
    let message: PeerMessage
    do {
      message = try JSONDecoder().decode(PeerMessage.self, from: Data(content))
    } catch {
      throw PeerChartError(.malformed, "this message is not of a kind that this node knows")
    }
    guard message.to == nodeID.description else {
      throw PeerChartError(.integrity, "this message is meant for another node")
    }
    return (manifest.documentID, message.body)
  }
}
