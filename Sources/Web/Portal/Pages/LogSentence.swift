extension LogEntryView {
  /// The entry in words: who did what, what for, under which consent, why.
  package func sentence(_ strings: PortalStrings) -> String {
    let records = records(strings)
    let deed = strings("deed.\(deed)", ["records": records])
    var sentence = strings(
      "log.sentence",
      [
        "who": who(strings), "deed": deed, "purpose": purpose(strings),
        "consents": consents > 0 ? strings.count("log.under", consents) : "",
        "basis": basis.map { strings.code("basis", $0) } ?? "",
        "emergency": emergency(strings), "reasons": reasons(strings),
      ])
    if hasFailed { sentence += " " + strings["log.outcome_failed"] }
    return sentence
  }

  private func who(_ strings: PortalStrings) -> String {
    guard actorKind != "patient", let name = actorName, !name.isEmpty else {
      return strings.code("actor", actorKind)
    }
    guard actorKind == "workforce", let role else { return name }
    return "\(name) (\(strings.code("role", role)))"
  }

  private func records(_ strings: PortalStrings) -> String {
    let counted = counts.filter { $0.value > 0 }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    guard !counted.isEmpty else { return strings["counted.whole"] }
    // FHIR types have no words of their own: what they are called is not what people call records.
    var other = 0
    var words: [String] = []
    for (type, count) in counted {
      if strings.has("counted.\(type).one") {
        words.append(strings.count("counted.\(type)", count))
      } else {
        other += count
      }
    }
    if other > 0 { words.append(strings.count("counted.records", other)) }
    return strings.list(words)
  }

  private func purpose(_ strings: PortalStrings) -> String {
    guard let purpose, deed != "break-glass", deed != "audit-read" else { return "" }
    return " " + strings.code("purpose", purpose)
  }

  private func emergency(_ strings: PortalStrings) -> String {
    guard let emergency else { return "" }
    let reason = strings.code("emergency_reason", emergency.code)
    let words = strings("log.emergency_words", ["reason": reason])
    return emergency.text.isEmpty
      ? words : words + strings("log.emergency_quote", ["text": emergency.text])
  }

  /// Only what was refused is reasoned in the sentence; why something was allowed stands with the details.
  private func reasons(_ strings: PortalStrings) -> String {
    guard tone == .refused, !reasons.isEmpty else { return "" }
    return strings(
      "log.because", ["reasons": strings.list(Wording.codes("reason", reasons, strings))])
  }
}
