import Audit
import Crypto
import Primitives
import TransparencyLog

/// A small generator whose seed is printed with every failure (xorshift64*).
struct SeededGenerator: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64 = .random(in: 1 ... .max)) {
    self.seed = seed
    state = seed
  }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

/// Bytes that count up, so that vectors can be written down.
struct CountingRandom: RandomSource {
  func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }
}

enum Fixture {
  static func id(_ byte: UInt8 = 0xAB) -> AuditEventID {
    AuditEventID(random: Constant(byte: byte))
  }

  struct Constant: RandomSource {
    let byte: UInt8
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }
  }

  /// 3 March 2026, 09:30 UTC.
  static let time = Instant(millisecondsSinceEpoch: 1_772_530_200_000)

  static func event(_ kind: AuditEventKind = .read) -> AuditEvent {
    AuditEvent(
      id: id(), time: time, kind: kind,
      actor: AuditActor(
        kind: .peer, id: "0a1b", name: "General Hospital", address: "192.0.2.7",
        agent: "peerchart/1"),
      role: "clinician", patient: "p-1",
      entities: ["Observation/1/_history/1", "Observation/2/_history/4", "Observation/x.3"],
      counts: ["lab-results": 3], purpose: "TREAT", consents: ["grant-7"], request: "req-1",
      detail: ["query": "category=laboratory&code=\"é\u{1F600}\"\n\u{1}"])
  }

  /// An event with every member drawn at random.
  static func randomEvent(using random: inout SeededGenerator) -> AuditEvent {
    func chance() -> Bool { Bool.random(using: &random) }
    func text(_ limit: Int) -> String {
      let alphabet = [
        "a", "Z", "9", " ", "\"", "\\", "/", "é", "\u{2028}", "\u{1F600}", "\u{7F}", "<",
      ]
      let count = Int.random(in: 1...limit, using: &random)
      return (0..<count).map { _ in alphabet.randomElement(using: &random) ?? "a" }.joined()
    }
    func code() -> String {
      let alphabet = Array("abcXYZ019-._")
      let count = Int.random(in: 1...20, using: &random)
      return String((0..<count).map { _ in alphabet.randomElement(using: &random) ?? "a" })
    }
    func codes(_ limit: Int) -> [String] {
      (0..<Int.random(in: 0...limit, using: &random)).map { _ in code() }
    }
    let bytes = (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    var event = AuditEvent(
      id: AuditEventID(bytes: bytes) ?? id(),
      time: Instant(
        millisecondsSinceEpoch: .random(in: -1_000_000_000_000...4_000_000_000_000, using: &random)),
      kind: AuditEventKind.allCases.randomElement(using: &random) ?? .read,
      action: AuditAction.allCases.randomElement(using: &random),
      actor: AuditActor(
        kind: AuditActor.Kind.allCases.randomElement(using: &random) ?? .app, id: text(20),
        name: chance() ? text(20) : nil, address: chance() ? "2001:db8::1" : nil,
        agent: chance() ? text(30) : nil),
      outcome: AuditOutcome.allCases.randomElement(using: &random))
    if chance() { event.role = code() }
    if chance() { event.patient = code() }
    event.setEntities(codes(150).map { "Observation/\($0)" })
    if chance() {
      for code in codes(20) { event.counts[code] = .random(in: 0...(1 << 53) - 1, using: &random) }
    }
    if chance() { event.purpose = code() }
    event.consents = codes(5)
    event.reasons = codes(5)
    if chance() { event.basis = code() }
    if chance() {
      event.emergency = AuditEmergency(code: code(), text: text(60) + "\t\r\n\u{1F}\u{0}\u{8}\u{C}")
    }
    if chance() { event.request = text(20) }
    if chance() { for code in codes(6) { event.detail[code] = text(100) } }
    return event
  }
}
