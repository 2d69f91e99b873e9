public import Primitives

/// One thing that happened to health information or to what protects it: who, what, when, why, under
/// which consent, with which outcome (45 CFR 164.312(b), IHE BALP).
///
/// A plain value; `canonicalBytes()` checks the bounds of `AuditLimits` and gives its one byte form.
public struct AuditEvent: Equatable, Sendable {
  public var id: AuditEventID
  public var time: Instant
  public var kind: AuditEventKind
  public var action: AuditAction
  public var actor: AuditActor
  /// The role in which the actor acted.
  public var role: String?
  /// The FHIR id of the patient whom it concerns.
  public var patient: String?
  /// The records touched, `Type/id/_history/version`; see `setEntities(_:)` for many.
  public var entities: [String]
  /// How many records by record type (`lab-results`) or FHIR type; together they may exceed
  /// `entities`, which is bounded.
  public var counts: [String: Int]
  /// The purpose of use (HL7 v3 PurposeOfUse), `TREAT`.
  public var purpose: String?
  /// The ids of the grants that permitted it.
  public var consents: [String]
  /// The codes with which the decision was reasoned.
  public var reasons: [String]
  /// The legal basis where no consent was needed.
  public var basis: String?
  public var outcome: AuditOutcome
  public var emergency: AuditEmergency?
  /// The id of the request, as in the node's log and the response.
  public var request: String?
  /// Anything else worth keeping, by name.
  public var detail: [String: String]

  /// `action` and `outcome` follow from the kind unless given.
  public init(
    id: AuditEventID, time: Instant, kind: AuditEventKind, action: AuditAction? = nil,
    actor: AuditActor, role: String? = nil, patient: String? = nil, entities: [String] = [],
    counts: [String: Int] = [:], purpose: String? = nil, consents: [String] = [],
    reasons: [String] = [], basis: String? = nil, outcome: AuditOutcome? = nil,
    emergency: AuditEmergency? = nil, request: String? = nil, detail: [String: String] = [:]
  ) {
    self.id = id
    self.time = time
    self.kind = kind
    self.action = action ?? kind.usualAction
    self.actor = actor
    self.role = role
    self.patient = patient
    self.entities = entities
    self.counts = counts
    self.purpose = purpose
    self.consents = consents
    self.reasons = reasons
    self.basis = basis
    self.outcome = outcome ?? kind.usualOutcome
    self.emergency = emergency
    self.request = request
    self.detail = detail
  }

  /// Names the records touched. Beyond `AuditLimits.entities` the first are listed, and all are
  /// counted by FHIR type unless `counts` says it already.
  public mutating func setEntities(_ references: [String]) {
    entities = Array(references.prefix(AuditLimits.entities))
    guard references.count > AuditLimits.entities, counts.isEmpty else { return }
    for reference in references {
      counts[String(reference.prefix { $0 != "/" }), default: 0] += 1
    }
  }
}

/// An event names patients and people: whatever prints or mirrors it gets its id and kind only.
extension AuditEvent: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "audit event \(id) (\(kind.rawValue))" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
