/// Made-up resources that refer to each other in circles, to several patients, by identifier, to
/// versions, to other servers, to what is contained and to what is not there.
package enum LinkedSamples {
  private static let patients = ["a", "b", "A"]
  private static let labels = ["HIV", "SUD", "MH", "N"]

  /// The types, each with what makes the members of one.
  private static let makers: [(type: String, make: @Sendable (inout OracleRandom) -> [String])] = [
    (
      "Encounter",
      { random in
        [
          member("status", "\"finished\""), member("class", #"{"code":"AMB","system":"urn:t"}"#),
          member("subject", patient(&random)), some(&random, "partOf", 30, link("Encounter")),
          some(&random, "participant", 60) {
            "[{\"individual\":\(link("Practitioner", "RelatedPerson")(&$0))}]"
          },
          some(&random, "serviceProvider", 50, link("Organization")),
          some(&random, "length", 40) {
            "{\"value\":\($0.pick(["5", "5.0", "60"])),\"unit\":\"min\"}"
          },
          some(&random, "period", 70) { "{\"start\":\"\(SearchSamples.date(&$0))\"}" },
        ]
      }
    ),
    (
      "Observation",
      { random in
        [
          member("subject", patient(&random)), member("code", code(&random)),
          some(&random, "encounter", 70, link("Encounter")),
          some(&random, "performer", 60) {
            "[\(link("Patient", "Practitioner", "Organization")(&$0))]"
          },
          some(&random, "hasMember", 40) { "[\(link("Observation")(&$0))]" },
          some(&random, "derivedFrom", 30) { "[\(link("Observation", "Media")(&$0))]" },
          some(&random, "effectiveDateTime", 70) { "\"\(SearchSamples.date(&$0))\"" },
          some(&random, "valueString", 30) { $0.pick(["\"Zoë\"", "\"o'brien\"", "\"日本\""]) },
        ]
      }
    ),
    (
      "Condition",
      { random in
        [
          member("subject", patient(&random)), member("code", code(&random)),
          some(&random, "encounter", 60, link("Encounter")),
          some(&random, "asserter", 40, link("Patient", "Practitioner")),
          some(&random, "onsetString", 20) { _ in "\"in May\"" },
          some(&random, "onsetAge", 30) { _ in #"{"value":40,"code":"a"}"# },
          some(&random, "recordedDate", 60) { "\"\(SearchSamples.date(&$0))\"" },
          some(&random, "evidence", 30) { "[{\"detail\":[\(link("Observation")(&$0))]}]" },
        ]
      }
    ),
    (
      "DiagnosticReport",
      { random in
        [
          member("subject", patient(&random)), member("code", code(&random)),
          some(&random, "encounter", 60, link("Encounter")),
          some(&random, "result", 80) {
            "[\(link("Observation")(&$0)),\(link("Observation")(&$0))]"
          },
          some(&random, "issued", 60) { _ in "\"2020-03-01T12:30:00.123Z\"" },
        ]
      }
    ),
    (
      "List",
      { random in
        [
          member("subject", patient(&random)), member("status", "\"current\""),
          member(
            "entry",
            "["
              + (0..<6).map { _ in
                "{\"deleted\":\(random.pick(["true", "false"])),\"item\":\(link("Observation", "Condition", "Encounter", "Patient", "Organization")(&random))}"
              }.joined(separator: ",") + "]"),
        ]
      }
    ),
    (
      "Provenance",
      { random in
        [
          member(
            "target",
            "[\(link("Observation", "Condition")(&random)),\(link("Encounter", "Patient")(&random))]"
          ),
          member("recorded", "\"2021-01-01T00:00:00+14:00\""),
          member(
            "agent", "[{\"who\":\(link("Practitioner", "Patient", "Organization")(&random))}]"),
        ]
      }
    ),
    (
      "DocumentReference",
      { random in
        [
          member("subject", patient(&random)), member("type", code(&random)),
          some(&random, "author", 60) { "[\(link("Patient", "Practitioner")(&$0))]" },
          some(&random, "relatesTo", 50) {
            "[{\"code\":\"\($0.pick(["replaces", "appends"]))\",\"target\":\(link("DocumentReference")(&$0))}]"
          },
          some(&random, "context", 50) { "{\"encounter\":[\(link("Encounter")(&$0))]}" },
        ]
      }
    ),
    (
      "QuestionnaireResponse",
      { random in
        [
          member("subject", patient(&random)),
          member(
            "questionnaire",
            random.pick(["\"http://a.org/q|1\"", "\"http://a.org/q|2\"", "\"http://a.org/q\""])),
          some(&random, "author", 50, link("Patient", "Practitioner")),
        ]
      }
    ),
    (
      "CareTeam",
      { random in
        [
          member("subject", patient(&random)),
          member(
            "participant",
            "[{\"member\":\(link("Practitioner", "Patient", "Organization")(&random)),\"role\":[\(code(&random))]}]"
          ),
        ]
      }
    ),
    (
      "Coverage",
      { random in
        [
          member("beneficiary", patient(&random)),
          some(&random, "subscriber", 50, link("Patient", "RelatedPerson")),
          member("payor", "[\(link("Organization", "Patient")(&random))]"),
        ]
      }
    ),
    (
      "Task",
      { random in
        [
          member("for", patient(&random)),
          some(&random, "focus", 70, link("Condition", "Encounter")),
          some(&random, "basedOn", 30) { "[\(link("Task")(&$0))]" },
          some(&random, "owner", 50, link("Practitioner", "Organization")),
        ]
      }
    ),
    (
      "Appointment",
      { random in
        [
          member("status", "\"booked\""),
          member(
            "participant",
            "[{\"actor\":\(patient(&random))},{\"actor\":\(link("Practitioner", "Patient", "Location")(&random))}]"
          ), some(&random, "start", 60) { _ in "\"2020-02-28T23:30:00-05:00\"" },
        ]
      }
    ),
    (
      "Group",
      { random in
        [
          member("type", "\"person\""), member("actual", "true"),
          member("member", "[{\"entity\":\(link("Patient", "Practitioner")(&random))}]"),
        ]
      }
    ),
    (
      "Device",
      { random in
        [
          member("patient", patient(&random)), some(&random, "parent", 40, link("Device")),
          some(&random, "location", 30, link("Location")),
          some(&random, "url", 50) { "\"\($0.pick(["http://a.org/x", "http://a.org/x/y"]))\"" },
        ]
      }
    ),
    (
      "MedicationAdministration",
      { random in
        [
          member("subject", patient(&random)),
          member("medicationReference", link("Medication")(&random)),
          some(&random, "context", 50, link("Encounter")),
          some(&random, "effectivePeriod", 70) { _ in
            #"{"start":"2020-01","end":"2020-02-15T10:00:00+05:30"}"#
          },
        ]
      }
    ),
    (
      "ChargeItem",
      { random in
        [
          member("subject", patient(&random)), member("status", "\"billed\""),
          member("code", code(&random)),
          some(&random, "priceOverride", 70) {
            "{\"value\":\($0.pick(["100", "99.50", "1e2"])),\"currency\":\"\($0.pick(["USD", "EUR"]))\"}"
          }, some(&random, "factorOverride", 50) { $0.pick(["0.8", "0.80", "1.2"]) },
        ]
      }
    ),
    ("Medication", { random in [member("code", code(&random))] }),
    (
      "Practitioner",
      { random in
        [
          member("name", #"[{"family":"\#(random.pick(["Li", "Ångström", "de la Cruz"]))"}]"#),
          member("active", random.pick(["true", "false"])),
        ]
      }
    ),
    (
      "PractitionerRole",
      { random in
        [
          member("practitioner", link("Practitioner")(&random)),
          some(&random, "organization", 70, link("Organization")),
          some(&random, "location", 40) { "[\(link("Location")(&$0))]" },
        ]
      }
    ),
    (
      "RelatedPerson",
      { random in
        [member("patient", patient(&random)), member("relationship", "[\(code(&random))]")]
      }
    ),
    (
      "Location",
      { random in
        [
          member("name", "\"\(random.pick(["Ward 7", "Haus Zoë", "Ärztehaus"]))\""),
          some(&random, "partOf", 60, link("Location")),
          some(&random, "managingOrganization", 50, link("Organization")),
        ]
      }
    ),
  ]

  /// A resource of each type under some ids, the patients first.
  package static func resources(_ copies: Int, _ random: inout OracleRandom) -> [String] {
    var all = patients.map { id in
      """
      {"resourceType":"Patient","id":"\(id)","name":[{"family":"\(random.pick(["Li", "Zoë", "Wei"]))",
      "given":["Ana"]}],"birthDate":"19\(random.pick(["84", "84-02", "84-02-29"]))",
      "gender":"\(random.pick(["male", "female"]))"}
      """
    }
    for maker in makers {
      for number in 0..<copies {
        let members = maker.make(&random).filter { !$0.isEmpty }
        all.append(
          """
          {"resourceType":"\(maker.type)","id":"\(ids[number % ids.count])\(number / ids.count)",
          \(meta(&random))\(contained(maker.type, &random))\(members.joined(separator: ","))}
          """)
      }
    }
    return all
  }

  /// Of different types alike, so that an id alone can mean several.
  private static let ids = ["x", "y", "z", "w"]

  private static func member(_ name: String, _ value: String) -> String { "\"\(name)\":\(value)" }

  private static func some(
    _ random: inout OracleRandom, _ name: String, _ percent: Int,
    _ make: (inout OracleRandom) -> String
  ) -> String {
    random.chance(percent) ? member(name, make(&random)) : ""
  }

  private static func meta(_ random: inout OracleRandom) -> String {
    guard random.chance(60) else { return "" }
    let source = random.pick(["http://s.org/a", "http://s.org/a/b", "urn:uuid:1"])
    let label = random.pick(labels)
    return """
      "meta":{"source":"\(source)","tag":[{"system":"urn:t","code":"\(random.pick(["a", "B"]))"}],
      "profile":["http://p.org/\(random.pick(["a", "a|1", "b|2"]))"],
      "security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"\(label)"}]},
      """
  }

  private static func contained(_ type: String, _ random: inout OracleRandom) -> String {
    guard random.chance(15) else { return "" }
    return """
      "contained":[{"resourceType":"Organization","id":"c","name":"Contained"},
      {"resourceType":"Observation","id":"d","subject":{"reference":"Patient/b"}}],
      """
  }

  private static func patient(_ random: inout OracleRandom) -> String {
    let id = random.pick(patients)
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return #"{"reference":"Patient/\#(id)/_history/1"}"#
    case 1: return #"{"reference":"Patient/\#(id)","identifier":{"system":"urn:t","value":"P1"}}"#
    case 2: return #"{"type":"Patient","identifier":{"value":"P1"}}"#
    case 3: return #"{"reference":"Patient/\#(id)","display":"Ana"}"#
    default: return #"{"reference":"Patient/\#(id)"}"#
    }
  }

  private static func code(_ random: inout OracleRandom) -> String {
    let code = random.pick(["a", "A", "b", "8480-6", "x,y", "p|q"])
    let text = random.chance(40) ? #","text":"Blood pressure, Zoë's""# : ""
    let system = random.chance(70) ? #""system":"\#(random.pick(["http://s", "urn:t"]))","# : ""
    return #"{"coding":[{\#(system)"code":"\#(code)","display":"Système"}]\#(text)}"#
  }

  private static func link(_ types: String...) -> @Sendable (inout OracleRandom) -> String {
    { random in
      let type = random.pick(types)
      if type == "Patient" { return patient(&random) }
      let id = random.pick(ids) + random.pick(["0", "0", "1"])
      return switch Int.random(in: 0..<16, using: &random) {
      case 0: #"{"reference":"http://other.org/fhir/\#(type)/\#(id)"}"#
      case 1: ##"{"reference":"#c"}"##
      case 2: #"{"reference":"\#(type)/none"}"#
      case 3: #"{"reference":"\#(type)/\#(id)/_history/3"}"#
      case 4: #"{"type":"\#(type)","identifier":{"system":"urn:t","value":"I-\#(id)"}}"#
      default: #"{"reference":"\#(type)/\#(id)"}"#
      }
    }
  }
}
