public import Primitives

extension AuditEvent {
  /// The version of the byte form.
  static let version = 1

  /// The one byte form: canonical JSON (docs/format/audit-entry.md). Members without a value are
  /// left out. Throws `invalid` or `tooLarge` with the member at fault.
  public func canonicalBytes() throws(PeerChartError) -> [UInt8] {
    try validate()
    var writer = AuditJSONWriter(capacity: 512)
    writer.object { write(to: &$0) }
    guard writer.bytes.count <= AuditLimits.eventBytes else {
      throw PeerChartError(.tooLarge, "an event is longer than \(AuditLimits.eventBytes) bytes")
    }
    return writer.bytes
  }

  /// In the order of the members' names.
  private func write(to writer: inout AuditJSONWriter) {
    writer.member("action", action.rawValue)
    writer.member("actor") { $0.object { actor.write(to: &$0) } }
    writer.member("basis", basis)
    writer.member("consents", consents)
    writer.member("counts", counts) { $0.integer($1) }
    writer.member("detail", detail) { $0.string($1) }
    if let emergency { writer.member("emergency") { $0.object { emergency.write(to: &$0) } } }
    writer.member("entities", entities)
    writer.member("id", id.description)
    writer.member("kind", kind.rawValue)
    writer.member("outcome", outcome.rawValue)
    writer.member("patient", patient)
    writer.member("purpose", purpose)
    writer.member("reasons", reasons)
    writer.member("request", request)
    writer.member("role", role)
    writer.member("time", time.description)
    writer.member("version") { $0.integer(Self.version) }
  }
}

extension AuditActor {
  fileprivate func write(to writer: inout AuditJSONWriter) {
    writer.member("address", address)
    writer.member("agent", agent)
    writer.member("id", id)
    writer.member("kind", kind.rawValue)
    writer.member("name", name)
  }
}

extension AuditEmergency {
  fileprivate func write(to writer: inout AuditJSONWriter) {
    writer.member("code", code)
    writer.member("text", text)
  }
}
