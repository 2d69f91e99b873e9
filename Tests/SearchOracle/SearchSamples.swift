/// Random resources and queries out of small pools, so that they meet often.
package enum SearchSamples {
  package static let types = [
    "Observation", "Patient", "MedicationRequest", "AllergyIntolerance", "Organization",
    "RiskAssessment", "ValueSet", "Location",
  ]

  private static let codes = ["a", "A", "b", "8480-6", "x-y"]
  private static let systems = ["http://s", "urn:t"]
  private static let names = [
    "Li", "Wei", "Lindström", "José", "O'Brien", "Ana María", "van der Berg", "Müller-Weiß", "Zoë",
  ]

  package static func date(_ random: inout OracleRandom) -> String {
    let year =
      random.chance(85)
      ? Int.random(in: 2019...2021, using: &random) : random.pick([1, 1850, 1999, 2100, 9999])
    let month = random.pick([1, 2, 3, 12])
    let day = random.pick([1, 2, 15, 28])
    func pad(_ number: Int, _ width: Int = 2) -> String {
      let digits = String(number)
      return String(repeating: "0", count: width - digits.count) + digits
    }
    let parts = [pad(year, 4), "-" + pad(month), "-" + pad(day)]
    let precision = Int.random(in: 1...5, using: &random)
    let text = parts.prefix(precision).joined()
    guard precision > 3 else { return text }
    let zone = random.pick(["Z", "-05:00", "+14:00", "+05:30"])
    let time = random.pick(["T00:00:00", "T23:59:59", "T12:30:00.5", "T12:30:00.123"])
    return text + time + zone
  }

  private static func period(_ random: inout OracleRandom) -> String {
    let (a, b) = (date(&random), date(&random))
    let ends = a < b ? (a, b) : (b, a)
    return switch Int.random(in: 0..<5, using: &random) {
    case 0: "{\"start\":\"\(a)\"}"
    case 1: "{\"end\":\"\(a)\"}"
    default: "{\"start\":\"\(ends.0)\",\"end\":\"\(ends.1)\"}"
    }
  }

  private static func coding(_ random: inout OracleRandom) -> String {
    let system = random.chance(70) ? "\"system\":\"\(random.pick(systems))\"," : ""
    return "{\(system)\"code\":\"\(random.pick(codes))\"}"
  }

  private static func concept(_ random: inout OracleRandom) -> String {
    let codings = (0..<Int.random(in: 0...2, using: &random)).map { _ in coding(&random) }
    let text = random.chance(40) ? "\"text\":\"\(random.pick(names))\"" : ""
    if codings.isEmpty { return "{\(text)}" }
    return "{\"coding\":[\(codings.joined(separator: ","))]\(text.isEmpty ? "" : "," + text)}"
  }

  private static func reference(_ random: inout OracleRandom) -> String {
    let text = random.pick([
      "Patient/a", "Patient/b", "Patient/A", "Group/1", "Patient/a/_history/2",
      "http://o.org/fhir/Patient/1", "urn:uuid:11111111-1111-4111-8111-111111111111", "#c",
      "Device/1",
    ])
    let identifier = random.chance(30) ? ",\"identifier\":\(Self.identifier(&random))" : ""
    return random.chance(85)
      ? "{\"reference\":\"\(text)\"\(identifier)}"
      : "{\"type\":\"Patient\",\"identifier\":\(Self.identifier(&random))}"
  }

  private static func identifier(_ random: inout OracleRandom) -> String {
    let system = random.chance(70) ? "\"system\":\"\(random.pick(systems))\"," : ""
    let type = random.chance(30) ? "\"type\":{\"coding\":[\(coding(&random))]}," : ""
    return "{\(system)\(type)\"value\":\"\(random.pick(codes))\"}"
  }

  private static func some(_ random: inout OracleRandom, _ one: (inout OracleRandom) -> String)
    -> String
  {
    var items: [String] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) { items.append(one(&random)) }
    return "[\(items.joined(separator: ","))]"
  }

  private static func number(_ random: inout OracleRandom) -> String {
    random.pick([
      "0", "100", "99.5", "100.5", "100.4999", "1e2", "-100", "0.1", "1.10", "12.345", "-0.004",
      "\(Int.random(in: 90...110, using: &random))", "1E-22", "6.02e23",
    ])
  }

  private static func quantity(_ random: inout OracleRandom) -> String {
    let comparator =
      random.chance(20) ? "\"comparator\":\"\(random.pick(["<", "<=", ">", ">="]))\"," : ""
    let unit = random.pick([
      "", ",\"unit\":\"mg\"",
      ",\"unit\":\"x\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg\"",
      ",\"system\":\"http://unitsofmeasure.org\",\"code\":\"g\"",
    ])
    return "{\(comparator)\"value\":\(number(&random))\(unit)}"
  }

  package static func resource(_ random: inout OracleRandom, id: String? = nil) -> String {
    let type = random.pick(types)
    let id = id ?? random.pick(["a", "A", "b"])
    var members = ["\"resourceType\":\"\(type)\"", "\"id\":\"\(id)\""]
    if random.chance(50) {
      members.append(
        """
        "meta":{"lastUpdated":"2020-03-0\(Int.random(in: 1...5, using: &random))T10:00:00Z",
        "tag":[\(coding(&random))],"profile":["http://p.org/\(random.pick(["a", "a|1", "b|2"]))"]}
        """)
    }
    func add(_ name: String, _ value: String) {
      members.append("\"\(name)\":\(value)")
    }
    switch type {
    case "Observation":
      if random.chance(80) { add("category", some(&random, concept)) }
      if random.chance(80) { add("code", concept(&random)) }
      if random.chance(80) { add("subject", reference(&random)) }
      if random.chance(50) { add("identifier", some(&random, identifier)) }
      if random.chance(50) { add("encounter", "{\"reference\":\"Encounter/1\"}") }
      if random.chance(60) { add("valueQuantity", quantity(&random)) }
      if random.chance(20) { add("valueCodeableConcept", concept(&random)) }
      let component = { (random: inout OracleRandom) in
        "{\"code\":\(concept(&random)),\"valueQuantity\":\(quantity(&random))}"
      }
      if random.chance(60) { add("component", some(&random, component)) }
      switch Int.random(in: 0..<5, using: &random) {
      case 0: add("effectiveDateTime", "\"\(date(&random))\"")
      case 1: add("effectiveInstant", "\"2020-03-01T12:30:00.123Z\"")
      case 2: add("effectiveTiming", "{\"event\":\(some(&random) { "\"\(date(&$0))\"" })}")
      default: add("effectivePeriod", period(&random))
      }
    case "Patient":
      let name = { (random: inout OracleRandom) in
        """
        {"family":"\(random.pick(names))","given":["\(random.pick(names))","\(random.pick(names))"],
        "text":"\(random.pick(names)), \(random.pick(names))"}
        """
      }
      if random.chance(90) { add("name", some(&random, name)) }
      let telecom = { (random: inout OracleRandom) in
        "{\"system\":\"\(random.pick(["phone", "email"]))\",\"value\":\"\(random.pick(["555", "x@y.z"]))\"}"
      }
      if random.chance(60) { add("telecom", some(&random, telecom)) }
      switch Int.random(in: 0..<4, using: &random) {
      case 0: add("deceasedBoolean", random.pick(["true", "false"]))
      case 1: add("deceasedDateTime", "\"2020-01-01\"")
      default: break
      }
      if random.chance(60) {
        add("generalPractitioner", "[{\"reference\":\"Organization/\(random.pick(["a", "b"]))\"}]")
      }
      if random.chance(40) { add("link", "[{\"other\":\(reference(&random))}]") }
      if random.chance(80) { add("birthDate", "\"\(date(&random).prefix(10))\"") }
      if random.chance(50) { add("identifier", some(&random, identifier)) }
    case "MedicationRequest":
      add("medicationCodeableConcept", concept(&random))
      let dosage = { (random: inout OracleRandom) in
        "{\"timing\":{\"event\":\(some(&random) { "\"\(date(&$0))\"" })}}"
      }
      add("dosageInstruction", some(&random, dosage))
    case "Organization":
      add("name", "\"\(random.pick(names))\"")
      if random.chance(40) { add("alias", "[\"\(random.pick(names))\"]") }
      if random.chance(60) {
        add("partOf", "{\"reference\":\"Organization/\(random.pick(["a", "A", "b"]))\"}")
      }
    case "RiskAssessment":
      let prediction = { (random: inout OracleRandom) in
        random.chance(70)
          ? "{\"probabilityDecimal\":\(number(&random))}"
          : "{\"probabilityRange\":{\"low\":{\"value\":\(number(&random))},\"high\":{\"value\":\(number(&random))}}}"
      }
      add("prediction", some(&random, prediction))
    case "ValueSet":
      add(
        "url",
        "\"\(random.pick(["http://a.org/x", "http://a.org/x/y", "http://a.org/xy", "urn:oid:1.2", "urn:oid:1.2.3", "urn:oid:1.22"]))\""
      )
    case "Location":
      add(
        "position",
        "{\"latitude\":\(Int.random(in: -89...89, using: &random)).5,\"longitude\":\(Int.random(in: -179...179, using: &random))}"
      )
    default:
      add("category", some(&random) { "\"\($0.pick(codes))\"" })
      add("code", concept(&random))
      add("reaction", some(&random) { "{\"substance\":\(concept(&$0))}" })
    }
    return "{\(members.joined(separator: ","))}"
  }

  package static func dateCriterion(_ type: String, _ random: inout OracleRandom) -> (
    name: String, value: String
  ) {
    let name: String =
      switch type {
      case "Patient": "birthdate"
      case "Observation", "MedicationRequest": "date"
      default: "_lastUpdated"
      }
    return (name, dates(random.chance(80) ? 1 : 2, &random))
  }

  package static func dates(_ count: Int, _ random: inout OracleRandom) -> String {
    let prefixes = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
    return (0..<count).map { _ in random.pick(prefixes) + date(&random) }.joined(separator: ",")
  }
}
