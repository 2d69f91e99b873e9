public import FHIR
public import Primitives

/// Who asks, as far as the node has verified it.
public struct Requester: Hashable, Sendable {
  public var node: NodeID
  /// Whether that is the node which keeps the chart.
  public var isOwnNode: Bool
  public var organization: PartyIdentifier?
  public var person: PartyIdentifier?
  public var role: Role
  public var relationship: Relationship

  public init(
    node: NodeID, isOwnNode: Bool, organization: PartyIdentifier? = nil,
    person: PartyIdentifier? = nil, role: Role, relationship: Relationship = .none
  ) {
    self.node = node
    self.isOwnNode = isOwnNode
    self.organization = organization
    self.person = person
    self.role = role
    self.relationship = relationship
  }

  func matches(_ grantee: Grantee) -> Bool {
    switch grantee {
    case .node(let id): id == node
    case .organization(let id): id == organization
    case .person(let id): id == person
    }
  }

  /// The patient in person.
  var isPatient: Bool { role == .patient && relationship == .selfOfPatient }
  var isProxy: Bool { role == .proxy && relationship == .proxy }
  /// The node's own integrations and backup.
  var isNodeItself: Bool { role == .system && isOwnNode }
}

/// Everything about a request but the record: one patient, one action, one moment.
public struct AccessContext: Sendable {
  public var requester: Requester
  /// The logical id of the Patient resource.
  public var patient: String
  public var action: ConsentAction
  public var purpose: PurposeOfUse
  public var time: Instant
  /// The ground in law that the request names for a disclosure, if any.
  public var legalBasis: LegalBasis?
  public var breakGlass: BreakGlassSession?

  public init(
    requester: Requester, patient: String, action: ConsentAction, purpose: PurposeOfUse,
    time: Instant, legalBasis: LegalBasis? = nil, breakGlass: BreakGlassSession? = nil
  ) {
    self.requester = requester
    self.patient = patient
    self.action = action
    self.purpose = purpose
    self.time = time
    self.legalBasis = legalBasis
    self.breakGlass = breakGlass
  }
}

/// A request for one record.
public struct AccessRequest: Sendable {
  public var context: AccessContext
  public var recordType: RecordType
  /// The record's labels; empty counts as `ordinary`.
  public var labels: LabelSet
  /// The record's clinical date, where it has one.
  public var date: Instant?

  public init(
    _ context: AccessContext, recordType: RecordType, labels: LabelSet = .ordinary,
    date: Instant? = nil
  ) {
    self.context = context
    self.recordType = recordType
    self.labels = labels
    self.date = date
  }
}
