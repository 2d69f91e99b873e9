public import Primitives

extension AuditEvent {
  /// The version of the byte form.
  static let version = 1

  /// The one byte form: canonical JSON (docs/format/audit-entry.md). Members without a value are
  /// left out. Throws `invalid` or `tooLarge` with the member at fault.
  public func canonicalBytes() throws(PeerChartError) -> [UInt8] {
    try validate()
    let bytes = AuditJSON.object(members).bytes
    guard bytes.count <= AuditLimits.eventBytes else {
      throw PeerChartError(.tooLarge, "an event is longer than \(AuditLimits.eventBytes) bytes")
    }
    return bytes
  }

  private var members: [String: AuditJSON] {
    var members: [String: AuditJSON] = [
      "version": .integer(Self.version),
      "id": .string(id.description),
      "time": .string(time.description),
      "kind": .string(kind.rawValue),
      "action": .string(action.rawValue),
      "outcome": .string(outcome.rawValue),
      "actor": actor.json,
    ]
    let texts = [
      "role": role, "patient": patient, "purpose": purpose, "basis": basis, "request": request,
    ]
    for (name, text) in texts { members[name] = text.map { .string($0) } }
    let lists = ["entities": entities, "consents": consents, "reasons": reasons]
    for (name, list) in lists where !list.isEmpty { members[name] = .strings(list) }
    if !counts.isEmpty { members["counts"] = .object(counts.mapValues { .integer($0) }) }
    if !detail.isEmpty { members["detail"] = .strings(detail) }
    members["emergency"] = emergency.map {
      .object(["code": .string($0.code), "text": .string($0.text)])
    }
    return members
  }
}

extension AuditActor {
  var json: AuditJSON {
    var members = ["kind": kind.rawValue, "id": id]
    members["name"] = name
    members["address"] = address
    members["agent"] = agent
    return .strings(members)
  }
}
