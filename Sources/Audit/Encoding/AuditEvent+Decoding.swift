public import Primitives

extension AuditEvent {
  /// Decodes the byte form; strict, so that one event has one form: what is accepted, encodes to
  /// the same bytes. Throws `malformed`, `tooLarge`, or `unsupportedVersion` for an event of a
  /// newer program.
  public init(canonicalBytes bytes: [UInt8]) throws(PeerChartError) {
    guard case .object(let object) = try AuditJSONParser.parse(bytes) else {
      throw PeerChartError(.malformed, "an event is not an object")
    }
    let members = AuditMembers(object)
    guard try members.integer("version") == Self.version else {
      throw PeerChartError(.unsupportedVersion, "an event of another version", place: "version")
    }
    guard let id = AuditEventID(try members.string("id")) else { throw Self.malformed("id") }
    guard let time = Instant(try members.string("time")) else { throw Self.malformed("time") }
    guard let kind = AuditEventKind(rawValue: try members.string("kind")) else {
      throw PeerChartError(.unsupportedVersion, "an event of unknown kind", place: "kind")
    }
    guard let action = AuditAction(rawValue: try members.string("action")) else {
      throw Self.malformed("action")
    }
    guard let outcome = AuditOutcome(rawValue: try members.string("outcome")) else {
      throw Self.malformed("outcome")
    }
    self.init(
      id: id, time: time, kind: kind, action: action,
      actor: try AuditActor(try members.object("actor")), role: try members.text("role"),
      patient: try members.text("patient"), entities: try members.strings("entities"),
      counts: try members.integers("counts"), purpose: try members.text("purpose"),
      consents: try members.strings("consents"), reasons: try members.strings("reasons"),
      basis: try members.text("basis"), outcome: outcome,
      emergency: try members.optionalObject("emergency").map(AuditEmergency.init),
      request: try members.text("request"), detail: try members.texts("detail"))
    // Whatever else could differ - order, blanks, unknown or empty members - shows here.
    let canonical: [UInt8]
    do {
      canonical = try canonicalBytes()
    } catch {
      throw PeerChartError(.malformed, error.reason, place: error.place)
    }
    guard canonical == bytes else {
      throw PeerChartError(.malformed, "an event is not in canonical form")
    }
  }

  private static func malformed(_ place: String) -> PeerChartError {
    PeerChartError(.malformed, "a member does not have its form", place: place)
  }
}

extension AuditActor {
  fileprivate init(_ members: AuditMembers) throws(PeerChartError) {
    guard let kind = Kind(rawValue: try members.string("kind")) else {
      throw PeerChartError(.unsupportedVersion, "an actor of unknown kind", place: "actor.kind")
    }
    self.init(
      kind: kind, id: try members.string("id"), name: try members.text("name"),
      address: try members.text("address"), agent: try members.text("agent"))
  }
}

extension AuditEmergency {
  fileprivate init(_ members: AuditMembers) throws(PeerChartError) {
    self.init(code: try members.string("code"), text: try members.string("text"))
  }
}
