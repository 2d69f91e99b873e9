import Audit
import Consent
import Identity
import Primitives
import TransparencyLog

/// What a use case says about what it did; who, when and why are the caller's and are added here.
struct EventDraft {
  var kind: AuditEventKind
  /// The consent action; the entry's C/R/U/D/E follows from it and the kind.
  var action: ConsentAction?
  var patient: String?
  var entities: [String] = []
  /// The requests that it answers, where it is not the caller's one.
  var requests: [String] = []
  /// How many records, by record type.
  var counts: [String: Int] = [:]
  var grants: [String] = []
  var reasons: [String] = []
  var legalBasis: LegalBasis?
  var emergency: AuditEmergency?
  var detail: [String: String] = [:]
  /// The items that change with it, as `ItemChange.note`.
  var items: [String] = []

  init(kind: AuditEventKind, action: ConsentAction? = nil) {
    self.kind = kind
    self.action = action
  }
}

extension Exchange {
  /// Makes the audit entry of a draft: the caller's identity added, sealed, with its leaf hash.
  func entry(_ draft: EventDraft, _ reading: Reading) throws -> PreparedEntry {
    let slot = try draft.patient.flatMap { try reading.slot(of: $0) }
    return try entry(draft, reading.caller, at: reading.time, slot: slot)
  }

  func entry(
    _ draft: EventDraft, _ caller: Caller, at time: Instant, slot: Int64? = nil
  ) throws -> PreparedEntry {
    var event = AuditEvent(
      id: AuditEventID(random: random), time: time, kind: draft.kind, actor: caller.actor)
    event.role = caller.role.rawValue
    event.patient = draft.patient.map { "Patient/\($0)" }
    event.entities = Array(draft.entities.prefix(AuditLimits.entities))
    event.counts = draft.counts
    event.purpose = caller.purpose?.rawValue
    event.consents = Array(draft.grants.eachOnce.prefix(AuditLimits.items))
    event.reasons = Array(draft.reasons.eachOnce.prefix(AuditLimits.items))
    event.basis = draft.legalBasis?.rawValue
    event.emergency = draft.emergency
    event.request = draft.requests.first ?? caller.requestID
    if !draft.detail.isEmpty {
      event.detail = draft.detail.compactMapValues { AuditLimits.clipped($0, to: AuditLimits.text) }
    }
    if draft.requests.count > 1 {
      let all = draft.requests.joined(separator: " ")
      event.detail["requests"] = AuditLimits.clipped(all, to: AuditLimits.text)
    }
    if !draft.items.isEmpty { event.detail.merge(try draft.itemDetail) { $1 } }
    if let person = caller.stated { event.detail["stated-person"] = person.text }
    if let app = caller.app {
      event.detail["client"] = app.client
      event.detail["grant"] = app.grant
    }
    if let action = draft.action { event.detail["action"] = action.rawValue }
    let entry = try AuditEntry(event, random: random)
    let plaintext = entry.plaintext
    let leafHash = Hash.leaf(AuditEntry.commitment(toPlaintext: plaintext)).bytes
    return PreparedEntry(
      slot: slot, sealed: try keys.sealEntry(plaintext, slot: slot, leafHash: leafHash),
      leafHash: leafHash)
  }
}

extension [String] {
  /// The elements in their order, each the first time only: one grant may be refused for several reasons.
  fileprivate var eachOnce: [String] {
    guard count > 1 else { return self }
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}

extension Caller {
  fileprivate var actor: AuditActor {
    let id: String
    let kind: AuditActor.Kind
    switch identity {
    case .nodeOperator: (kind, id) = (.operator, "operator")
    case .token(let token):
      kind =
        switch role {
        case .patient: .patient
        case .proxy: .proxy
        case .system: .app
        default: .workforce
        }
      id = token
    case .account(let account):
      kind = role == .patient ? .patient : role == .proxy ? .proxy : .workforce
      id = account.description
    case .client(let client): (kind, id) = (.app, client)
    case .nobody: (kind, id) = (.unknown, "unknown")
    case .peer(let node): (kind, id) = (.peer, node.description)
    }
    return AuditActor(
      kind: kind, id: id,
      name: name.exposed.isEmpty
        ? nil : AuditLimits.clipped(name.exposed, to: AuditLimits.name),
      address: networkAddress)
  }
}
