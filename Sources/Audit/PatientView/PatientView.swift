import Primitives

/// One event of the log in words for the patient: who, what, when, why, under which consent.
///
/// Made from codes by one table of words; it says nothing that the event does not hold.
public struct PatientView: Sendable {
  private let event: AuditEvent
  private let consentNames: [String]

  /// `consentName` turns the id of a grant into words, such as "of 2 March 2026"; where it returns
  /// nil the id itself is shown.
  public init(_ event: AuditEvent, consentName: (String) -> String? = { _ in nil }) {
    self.event = event
    // A consent is named once, however often the event does, and so are two with one name.
    var seen: Set<String> = []
    consentNames = event.consents.map { consentName($0) ?? $0 }
      .filter { seen.insert($0).inserted }
  }

  /// A sentence: "On 3 March 2026 at 09:30 UTC General Hospital read 3 lab results for treatment
  /// under your consent of 2 March 2026."
  public var sentence: String {
    let deed = PatientPhrases.deed(event).replacing("%", with: records)
    let parts = ["\(when) \(who) \(deed)", purpose, consents, basis, emergency]
    var sentence = parts.compactMap { $0 }.joined(separator: " ")
    if !reasons.isEmpty { sentence += ": " + PatientPhrases.list(reasons) }
    if event.outcome != event.kind.usualOutcome { sentence += PatientPhrases.failed }
    return sentence + "."
  }

  /// The same as an object for programs: the sentence, its parts, and the codes behind them.
  public var json: [UInt8] {
    var writer = AuditJSONWriter(capacity: 1024)
    writer.object { writer in
      writer.member("actor", event.actor.kind.rawValue)
      writer.member("basis", event.basis)
      writer.member("consents", event.consents)
      writer.member("counts", counts) { $0.integer($1) }
      writer.member("emergency", event.emergency?.text)
      writer.member("entities", event.entities)
      writer.member("id", event.id.description)
      writer.member("kind", event.kind.rawValue)
      writer.member("outcome", event.outcome.rawValue)
      writer.member("patient", event.patient)
      writer.member("purpose", event.purpose)
      writer.member("reasons", event.reasons)
      writer.member("request", event.request)
      writer.member("requests", requests)
      writer.member("role", event.role)
      writer.member("sentence", sentence)
      writer.member("time", event.time.description)
      writer.member("what", records)
      writer.member("who", who)
      writer.member("why", purpose)
    }
    return writer.bytes
  }

  /// Those that were answered together; empty for one alone.
  private var requests: [String] {
    event.detail["requests"]?.split(separator: " ").map(String.init) ?? []
  }

  private var when: String {
    // 2026-03-03T09:30:00.000Z
    let text = event.time.description
    guard let date = text.split(separator: "T").first, let month = Int(date.suffix(5).prefix(2)),
      PatientPhrases.months.indices.contains(month - 1), let day = Int(date.suffix(2))
    else { return "On \(text)" }
    let time = text.dropFirst(date.count + 1).prefix(5)
    return "On \(day) \(PatientPhrases.months[month - 1]) \(date.dropLast(6)) at \(time) UTC"
  }

  private var who: String {
    let actor = event.actor
    guard actor.kind != .patient else { return PatientPhrases.actor(.patient) }
    guard let name = actor.name else { return PatientPhrases.actor(actor.kind) }
    guard actor.kind == .workforce, let role = event.role else { return name }
    return "\(name) (\(Self.words(role)))"
  }

  /// Counted by record type, or by FHIR type where nobody counted.
  private var counts: [String: Int] {
    if !event.counts.isEmpty { return event.counts }
    return event.entities.reduce(into: [:]) { counts, reference in
      counts[String(reference.prefix { $0 != "/" }), default: 0] += 1
    }
  }

  private var records: String {
    let counts = counts.filter { $0.value > 0 }
    if counts.isEmpty { return PatientPhrases.wholeChart }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return PatientPhrases.list(
      sorted.map { type, count in
        let noun = PatientPhrases.records[type] ?? (Self.words(type), Self.words(type))
        return "\(count) \(count == 1 ? noun.one : noun.many)"
      })
  }

  private var purpose: String? {
    // Breaking the glass says "in an emergency" already.
    guard let code = event.purpose, !(event.kind == .breakGlass && code == "BTG") else {
      return nil
    }
    return PatientPhrases.purposes[code] ?? "for the purpose \(code)"
  }

  private var consents: String? {
    consentNames.isEmpty ? nil : PatientPhrases.consents(consentNames)
  }

  private var basis: String? {
    event.basis.map { PatientPhrases.bases[$0] ?? "on the legal basis \(Self.words($0))" }
  }

  private var emergency: String? {
    event.emergency.map {
      let reason = PatientPhrases.emergencies[$0.code] ?? Self.words($0.code)
      return "because \(reason)" + ($0.text.isEmpty ? "" : " (\u{201C}\($0.text)\u{201D})")
    }
  }

  private var reasons: [String] {
    event.reasons.map { PatientPhrases.reasons[$0] ?? Self.words($0) }
  }

  /// A code made readable: `front-desk` → `front desk`.
  private static func words(_ code: String) -> String {
    String(code.map { $0 == "-" ? " " : $0 })
  }
}
