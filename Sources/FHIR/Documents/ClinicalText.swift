/// What data types of FHIR say, as people write it. Nothing is translated or converted: digits stay as
/// they are recorded.
package enum ClinicalText {
  /// More parts than this (components, dosages, names) are not written out.
  private static let parts = 8

  /// A CodeableConcept: its text, else the display of a coding, else a code.
  package static func concept(_ value: JSONValue?) -> String? {
    guard let value else { return nil }
    if let text = nonEmpty(value["text"]) { return text }
    let codings = value["coding"].map { Array($0.elements.prefix(parts)) } ?? []
    return codings.lazy.compactMap { nonEmpty($0["display"]) }.first
      ?? codings.lazy.compactMap { nonEmpty($0["code"]) }.first
  }

  /// A list of CodeableConcepts.
  package static func concepts(_ value: JSONValue?) -> String? {
    joined(value?.elements.prefix(parts).map { concept($0) } ?? [], ", ")
  }

  /// The first code of a CodeableConcept that is bound to codes of FHIR, such as a status.
  package static func code(_ value: JSONValue?) -> String? {
    guard let value else { return nil }
    return nonEmpty(value)
      ?? value["coding"]?.elements.lazy.compactMap { nonEmpty($0["code"]) }.first
  }

  /// The day of a date or dateTime, as precise as it is recorded.
  package static func date(_ value: JSONValue?) -> String? {
    nonEmpty(value).map { String($0.prefix(10)) }
  }

  package static func period(_ value: JSONValue?) -> String? {
    guard let value, value.kind == .object else { return nil }
    switch (date(value["start"]), date(value["end"])) {
    case (let start?, let end?): return start == end ? start : "\(start) to \(end)"
    case (let start?, nil): return "from \(start)"
    case (nil, let end?): return "until \(end)"
    case (nil, nil): return nil
    }
  }

  package static func quantity(_ value: JSONValue?) -> String? {
    guard let value, let number = value["value"]?.numberLiteral else { return nil }
    let comparator = nonEmpty(value["comparator"]) ?? ""
    let unit = nonEmpty(value["unit"]) ?? nonEmpty(value["code"])
    return comparator + number + (unit.map { " \($0)" } ?? "")
  }

  package static func range(_ value: JSONValue?) -> String? {
    guard let value else { return nil }
    switch (quantity(value["low"]), quantity(value["high"])) {
    case (let low?, let high?): return "\(low) – \(high)"
    case (let low?, nil): return "≥ \(low)"
    case (nil, let high?): return "≤ \(high)"
    case (nil, nil): return nil
    }
  }

  /// An element with a choice of types, such as `onset[x]` by the name `onset`.
  package static func choice(_ parent: JSONValue, _ name: String) -> String? {
    for (type, text) in choices {
      if let value = parent[name + type], let found = text(value) { return found }
    }
    return nil
  }

  private static let choices: [(type: String, text: @Sendable (JSONValue) -> String?)] = [
    ("DateTime", { date($0) }), ("Date", { date($0) }), ("Instant", { date($0) }),
    ("Period", { period($0) }), ("Quantity", { quantity($0) }), ("Age", { quantity($0) }),
    ("CodeableConcept", { concept($0) }), ("String", { nonEmpty($0) }), ("Time", { nonEmpty($0) }),
    ("Integer", { $0.numberLiteral }), ("Boolean", { $0.bool.map { $0 ? "yes" : "no" } }),
    ("Range", { range($0) }), ("Ratio", { ratio($0) }),
    (
      "Timing",
      { date($0["event"]?.elements.first { _ in true }) ?? period($0["repeat"]?["boundsPeriod"]) }
    ),
  ]

  /// The name of a person: its text, else its parts.
  package static func personName(_ value: JSONValue) -> String? {
    if let text = nonEmpty(value["text"]) { return text }
    var names: [String?] = []
    for part in ["prefix", "given", "family", "suffix"] {
      names += value[part]?.oneOrMany.prefix(parts).map { nonEmpty($0) } ?? []
    }
    return joined(names, " ")
  }

  /// What is to be taken, how and when: the text of the instruction, else its parts.
  package static func dosages(_ value: JSONValue?) -> String? {
    joined(value?.elements.prefix(parts).map(dosage) ?? [], "; ")
  }

  private static func dosage(_ value: JSONValue) -> String? {
    if let text = nonEmpty(value["text"]) ?? nonEmpty(value["patientInstruction"]) { return text }
    let dose = value["doseAndRate"]?.elements.first { _ in true }
    let timing = value["timing"]
    var when = concept(timing?["code"])
    if when == nil, let pattern = timing?["repeat"],
      let times = pattern["frequency"]?.numberLiteral,
      let period = pattern["period"]?.numberLiteral, let unit = nonEmpty(pattern["periodUnit"])
    {
      when = "\(times) in \(period) \(unit)"
    }
    let asNeeded =
      value["asNeededBoolean"]?.bool == true
      ? "as needed" : concept(value["asNeededCodeableConcept"]).map { "as needed for \($0)" }
    return joined(
      [
        quantity(dose?["doseQuantity"]) ?? range(dose?["doseRange"]), when, concept(value["route"]),
        asNeeded,
      ], ", ")
  }

  private static func ratio(_ value: JSONValue?) -> String? {
    guard let numerator = quantity(value?["numerator"]),
      let denominator = quantity(value?["denominator"])
    else { return nil }
    return "\(numerator) : \(denominator)"
  }

  package static func nonEmpty(_ value: JSONValue?) -> String? {
    guard let text = value?.string, text.contains(where: { !$0.isWhitespace }) else { return nil }
    return text
  }

  package static func joined(_ texts: [String?], _ separator: String) -> String? {
    let known = texts.compactMap { $0 }
    return known.isEmpty ? nil : known.joined(separator: separator)
  }
}
