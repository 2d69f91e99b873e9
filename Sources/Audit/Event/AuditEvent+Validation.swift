import Primitives

extension AuditEvent {
  /// Checks every member against `AuditLimits`. Throws `invalid` or `tooLarge` with the member's
  /// name as place; the reason never holds its value.
  func validate() throws(PeerChartError) {
    // Years 0001 to 9999, the range that RFC 3339 can write.
    guard (-62_135_596_800_000..<253_402_300_800_000).contains(time.millisecondsSinceEpoch) else {
      throw PeerChartError(.invalid, "the time has no RFC 3339 form", place: "time")
    }
    try Self.check(name: actor.id, at: "actor.id")
    try Self.check(name: actor.name, at: "actor.name")
    try Self.check(name: actor.address, at: "actor.address")
    try Self.check(name: actor.agent, at: "actor.agent")
    try Self.check(code: role, at: "role")
    try Self.check(reference: patient, at: "patient")
    try Self.check(count: entities.count, limit: AuditLimits.entities, at: "entities")
    for entity in entities { try Self.check(reference: entity, at: "entities") }
    try Self.check(count: counts.count, at: "counts")
    for (type, number) in counts {
      try Self.check(code: type, at: "counts")
      guard (0...AuditLimits.count).contains(number) else {
        throw PeerChartError(.invalid, "a count is out of range", place: "counts")
      }
    }
    try Self.check(code: purpose, at: "purpose")
    try Self.check(count: consents.count, at: "consents")
    for consent in consents { try Self.check(reference: consent, at: "consents") }
    try Self.check(count: reasons.count, at: "reasons")
    for reason in reasons { try Self.check(code: reason, at: "reasons") }
    try Self.check(code: basis, at: "basis")
    try Self.check(code: emergency?.code, at: "emergency.code")
    try Self.check(text: emergency?.text, at: "emergency.text")
    try Self.check(name: request, at: "request")
    try Self.check(count: detail.count, at: "detail")
    for (name, value) in detail {
      try Self.check(code: name, at: "detail")
      try Self.check(text: value, at: "detail")
    }
  }

  private static func check(
    count: Int, limit: Int = AuditLimits.items, at place: String
  ) throws(PeerChartError) {
    guard count <= limit else {
      throw PeerChartError(.tooLarge, "more than \(limit) items", place: place)
    }
  }

  private static func check(text: String?, at place: String) throws(PeerChartError) {
    guard (text?.utf8.count ?? 0) <= AuditLimits.text else {
      throw PeerChartError(.tooLarge, "longer than \(AuditLimits.text) bytes", place: place)
    }
  }

  private static func check(name: String?, at place: String) throws(PeerChartError) {
    guard let name else { return }
    guard name.utf8.count <= AuditLimits.name else {
      throw PeerChartError(.tooLarge, "longer than \(AuditLimits.name) bytes", place: place)
    }
    guard !name.isEmpty, name.utf8.allSatisfy({ $0 >= 0x20 }) else {
      throw PeerChartError(.invalid, "empty or with control characters", place: place)
    }
  }

  /// `Type/id/_history/1`, a FHIR id, a URN.
  private static func check(reference: String?, at place: String) throws(PeerChartError) {
    try check(reference, limit: AuditLimits.name, also: "/_:#|", at: place)
  }

  private static func check(code: String?, at place: String) throws(PeerChartError) {
    try check(code, limit: AuditLimits.code, also: "_:", at: place)
  }

  private static func check(
    _ text: String?, limit: Int, also punctuation: String, at place: String
  ) throws(PeerChartError) {
    guard let text else { return }
    guard text.utf8.count <= limit else {
      throw PeerChartError(.tooLarge, "longer than \(limit) bytes", place: place)
    }
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
      default: punctuation.utf8.contains(byte)
      }
    }
    guard !text.isEmpty, isPlain else {
      throw PeerChartError(.invalid, "not a plain code or reference", place: place)
    }
  }
}
