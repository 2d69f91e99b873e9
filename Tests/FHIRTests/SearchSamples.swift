import FHIR

/// Random resources and queries out of small pools, so that they meet often.
enum SearchSamples {
  static let types = ["Observation", "Patient", "MedicationRequest", "AllergyIntolerance"]

  private static let codes = ["a", "A", "b", "8480-6", "x-y"]
  private static let systems = ["http://s", "urn:t"]
  private static let names = [
    "Li", "Wei", "Lindström", "José", "O'Brien", "Ana María", "van der Berg", "Müller-Weiß", "Zoë",
  ]

  static func date(_ random: inout FuzzRandom) -> String {
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

  private static func period(_ random: inout FuzzRandom) -> String {
    let (a, b) = (date(&random), date(&random))
    let ends = a < b ? (a, b) : (b, a)
    return switch Int.random(in: 0..<5, using: &random) {
    case 0: "{\"start\":\"\(a)\"}"
    case 1: "{\"end\":\"\(a)\"}"
    default: "{\"start\":\"\(ends.0)\",\"end\":\"\(ends.1)\"}"
    }
  }

  private static func coding(_ random: inout FuzzRandom) -> String {
    let system = random.chance(70) ? "\"system\":\"\(random.pick(systems))\"," : ""
    return "{\(system)\"code\":\"\(random.pick(codes))\"}"
  }

  private static func concept(_ random: inout FuzzRandom) -> String {
    let codings = (0..<Int.random(in: 0...2, using: &random)).map { _ in coding(&random) }
    return codings.isEmpty ? "{\"text\":\"t\"}" : "{\"coding\":[\(codings.joined(separator: ","))]}"
  }

  private static func reference(_ random: inout FuzzRandom) -> String {
    let text = random.pick([
      "Patient/1", "Patient/2", "Group/1", "Patient/1/_history/2", "http://o.org/fhir/Patient/1",
      "urn:uuid:11111111-1111-4111-8111-111111111111", "#c", "Device/1",
    ])
    return "{\"reference\":\"\(text)\"}"
  }

  private static func identifier(_ random: inout FuzzRandom) -> String {
    let system = random.chance(70) ? "\"system\":\"\(random.pick(systems))\"," : ""
    return "{\(system)\"value\":\"\(random.pick(codes))\"}"
  }

  private static func some(_ random: inout FuzzRandom, _ one: (inout FuzzRandom) -> String)
    -> String
  {
    var items: [String] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) { items.append(one(&random)) }
    return "[\(items.joined(separator: ","))]"
  }

  static func resource(_ random: inout FuzzRandom) -> String {
    let type = random.pick(types)
    var members = ["\"resourceType\":\"\(type)\"", "\"id\":\"\(random.pick(["a", "A", "b"]))\""]
    if random.chance(50) {
      members.append(
        "\"meta\":{\"lastUpdated\":\"2020-03-0\(Int.random(in: 1...5, using: &random))T10:00:00Z\"}"
      )
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
      switch Int.random(in: 0..<5, using: &random) {
      case 0: add("effectiveDateTime", "\"\(date(&random))\"")
      case 1: add("effectiveInstant", "\"2020-03-01T12:30:00.123Z\"")
      case 2: add("effectiveTiming", "{\"event\":\(some(&random) { "\"\(date(&$0))\"" })}")
      default: add("effectivePeriod", period(&random))
      }
    case "Patient":
      let name = { (random: inout FuzzRandom) in
        """
        {"family":"\(random.pick(names))","given":["\(random.pick(names))","\(random.pick(names))"],
        "text":"\(random.pick(names)), \(random.pick(names))"}
        """
      }
      if random.chance(90) { add("name", some(&random, name)) }
      if random.chance(80) { add("birthDate", "\"\(date(&random).prefix(10))\"") }
      if random.chance(50) { add("identifier", some(&random, identifier)) }
    case "MedicationRequest":
      add("medicationCodeableConcept", concept(&random))
      let dosage = { (random: inout FuzzRandom) in
        "{\"timing\":{\"event\":\(some(&random) { "\"\(date(&$0))\"" })}}"
      }
      add("dosageInstruction", some(&random, dosage))
    default:
      add("category", some(&random) { "\"\($0.pick(codes))\"" })
      add("code", concept(&random))
      add("reaction", some(&random) { "{\"substance\":\(concept(&$0))}" })
    }
    return "{\(members.joined(separator: ","))}"
  }

  static func dateCriterion(_ type: String, _ random: inout FuzzRandom) -> (
    name: String, value: String
  ) {
    let name: String =
      switch type {
      case "Patient": "birthdate"
      case "AllergyIntolerance": "_lastUpdated"
      default: "date"
      }
    return (name, dates(&random))
  }

  private static func dates(_ random: inout FuzzRandom) -> String {
    let prefixes = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
    let count = random.chance(80) ? 1 : 2
    return (0..<count).map { _ in random.pick(prefixes) + date(&random) }.joined(separator: ",")
  }

  static func criterion(_ type: String, _ random: inout FuzzRandom) -> (
    name: String, value: String
  ) {
    let parameters = SearchParameterTable.standard.parameters(of: type).filter {
      [
        "_id", "_lastUpdated", "category", "code", "date", "patient", "subject", "identifier",
        "name", "birthdate",
      ]
      .contains($0.name)
        && !(type == "AllergyIntolerance" && ["date", "patient", "identifier"].contains($0.name))
        && !(type == "MedicationRequest"
          && ["category", "patient", "subject", "identifier"].contains($0.name))
    }
    let parameter = random.pick(parameters)
    if random.chance(10) { return (parameter.name + ":missing", random.pick(["true", "false"])) }
    switch parameter.kind {
    case .date: return (parameter.name, dates(&random))
    case .reference:
      return (
        parameter.name,
        random.pick([
          "1", "2", "Patient/1", "Group/1", "Patient/1,Patient/2", "http://o.org/fhir/Patient/1",
          "urn:uuid:11111111-1111-4111-8111-111111111111",
        ])
      )
    case .token:
      let one = { (random: inout FuzzRandom) in
        random.pick(["", "", "|"] + systems.map { $0 + "|" }) + random.pick(codes)
      }
      let value = random.chance(70) ? one(&random) : one(&random) + "," + one(&random)
      return (
        parameter.name + (random.chance(15) ? ":not" : ""), random.chance(8) ? "urn:t|" : value
      )
    case .string:
      let name = random.pick(names)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: return ("name:exact", name)
      case 1: return ("name:contains", String(name.dropFirst().prefix(2)))
      default: return ("name", String(name.prefix(Int.random(in: 1...8, using: &random))))
      }
    }
  }

  /// A query for a parameter of any type, mostly after a value that some resource has.
  static func criterion(
    _ parameter: SearchParameter, _ terms: Set<IndexTerm>, _ random: inout FuzzRandom
  ) -> (name: String, value: String) {
    if random.chance(10) { return (parameter.name + ":missing", random.pick(["true", "false"])) }
    let values = terms.filter { $0.parameter == parameter.name }.map(\.value).sorted()
    let known = values.isEmpty ? "none" : random.pick(values)
    switch parameter.kind {
    case .date:
      let own = values.filter { $0.utf8.allSatisfy { $0 == 0x2D || $0 >= 0x30 && $0 <= 0x39 } }
      guard random.chance(70), !own.isEmpty else { return (parameter.name, dates(&random)) }
      let prefix = random.pick(["", "", "ge", "le", "gt", "lt", "sa", "eb", "ne", "ap"])
      return (parameter.name, prefix + random.pick(own))
    case .token:
      let escaped = known.replacing("\\", with: "\\\\").replacing(",", with: "\\,")
      return (parameter.name + (random.chance(10) ? ":not" : ""), escaped)
    case .reference: return (parameter.name, known.contains("/") ? known : "Patient/none")
    case .string:
      let text = known.hasPrefix("=") ? String(known.dropFirst()) : known
      return (parameter.name + (random.chance(20) ? ":contains" : ""), text)
    }
  }
}
