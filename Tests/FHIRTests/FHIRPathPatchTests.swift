import FHIR
import Primitives
import Testing

/// FHIRPath patches (FHIR R4 fhirpatch.html) on small Patients.
@Suite struct FHIRPathPatchTests {
  /// The members of a Patient, patched; `!code place` for an error.
  private func patched(_ members: String, _ operations: String...) throws -> String {
    let resource = try Resource(parsing: Array("{\"resourceType\":\"Patient\"\(members)}".utf8))
    let parameters = try Resource(
      parsing: Array(
        "{\"resourceType\":\"Parameters\",\"parameter\":[\(operations.joined(separator: ","))]}"
          .utf8))
    do throws(PeerChartError) {
      let bytes = try FHIRPathPatch(parameters).applied(
        to: resource, types: StructureElementTypes.standard)
      return String(String(decoding: bytes, as: UTF8.self).dropFirst(25).dropLast())
    } catch {
      return "!\(error.code.rawValue) \(error.place ?? "")"
    }
  }

  private func operation(_ type: String, _ path: String, _ parts: String...) -> String {
    let rest = parts.map { ",\($0)" }.joined()
    return
      "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"\(type)\"},{\"name\":\"path\",\"valueString\":\"\(path)\"}\(rest)]}"
  }

  private func value(_ member: String, _ json: String, _ companion: String? = nil) -> String {
    "{\"name\":\"value\",\"\(member)\":\(json)\(companion.map { ",\"_\(member)\":\($0)" } ?? "")}"
  }

  private func name(_ name: String) -> String { "{\"name\":\"name\",\"valueString\":\"\(name)\"}" }

  private func index(_ name: String, _ value: Int) -> String {
    "{\"name\":\"\(name)\",\"valueInteger\":\(value)}"
  }

  @Test func primitives() throws {
    let birth = #","birthDate":"1920-01-01""#
    #expect(try patched(birth) == birth)
    #expect(
      try patched(
        birth, operation("replace", "Patient.birthDate", value("valueDate", "\"1930-01-01\"")))
        == #","birthDate":"1930-01-01""#)
    #expect(try patched(birth, operation("delete", "Patient.birthDate")) == "")
    #expect(try patched(birth, operation("delete", "Patient.deceased")) == birth)
    #expect(
      try patched(
        "", operation("add", "Patient", name("birthDate"), value("valueDate", "\"1930-01-01\"")))
        == #","birthDate":"1930-01-01""#)
    #expect(
      try patched(
        birth, operation("add", "Patient", name("birthDate"), value("valueDate", "\"1930-01-01\"")))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched("", operation("replace", "Patient.birthDate", value("valueDate", "\"1930\"")))
        == "!invalid Parameters.parameter[0]")
  }

  @Test func choices() throws {
    #expect(
      try patched("", operation("add", "Patient", name("deceased"), value("valueBoolean", "true")))
        == #","deceasedBoolean":true"#)
    #expect(
      try patched(
        "", operation("add", "Patient", name("deceasedBoolean"), value("valueBoolean", "true")))
        == #","deceasedBoolean":true"#)
    #expect(
      try patched(
        #","deceasedBoolean":true"#,
        operation("add", "Patient", name("deceased"), value("valueDateTime", "\"2020\"")))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(
        #", "deceasedBoolean" : true,"active":true"#,
        operation("replace", "Patient.deceased", value("valueDateTime", "\"2020\"")))
        == #", "deceasedDateTime" : "2020","active":true"#)
    #expect(try patched(#","deceasedBoolean":true"#, operation("delete", "Patient.deceased")) == "")
    #expect(
      try patched("", operation("add", "Patient", name("deceased"), value("valueQuantity", "{}")))
        == "!invalid Parameters.parameter[0].part[3]")
  }

  @Test func nestedElements() throws {
    let contact = #","contact":[{"name":{"text":"a name"},"gender":"male"}]"#
    #expect(
      try patched(
        contact, operation("replace", "Patient.contact[0].gender", value("valueCode", "\"female\""))
      ) == #","contact":[{"name":{"text":"a name"},"gender":"female"}]"#)
    #expect(
      try patched(
        contact,
        operation("replace", "Patient.contact[0].name.text", value("valueString", "\"the name\"")))
        == #","contact":[{"name":{"text":"the name"},"gender":"male"}]"#)
    #expect(
      try patched(contact, operation("delete", "Patient.contact[0].gender"))
        == #","contact":[{"name":{"text":"a name"}}]"#)
    #expect(
      try patched(contact, operation("delete", "Patient.contact[0].name.text"))
        == #","contact":[{"gender":"male"}]"#)
    #expect(
      try patched(
        #","contact":[{"name":{"text":"x"}}],"active":true"#,
        operation("delete", "Patient.contact.name.text")) == #","active":true"#)
    #expect(
      try patched(
        #","contact":[{"name":{"text":"a"}}]"#,
        operation("add", "Patient.contact[0]", name("gender"), value("valueCode", "\"male\"")))
        == #","contact":[{"name":{"text":"a"},"gender":"male"}]"#)
    #expect(
      try patched(
        "",
        operation(
          "add", "Patient", name("maritalStatus"),
          value("valueCodeableConcept", #"{"text":"married"}"#)))
        == #","maritalStatus":{"text":"married"}"#)
    #expect(
      try patched(
        #","maritalStatus":{"id":"1","text":"married"}"#,
        operation(
          "replace", "Patient.maritalStatus",
          value("valueCodeableConcept", #"{"id":"2","text":"not"}"#)))
        == #","maritalStatus":{"id":"2","text":"not"}"#)
    #expect(try patched(contact, operation("delete", "Patient.contact[0]")) == "")
  }

  @Test func backboneElementsComeInParts() throws {
    let parts =
      #"{"name":"value","part":[{"name":"name","valueHumanName":{"text":"a name"}},{"name":"telecom","valueContactPoint":{"value":"1"}},{"name":"telecom","valueContactPoint":{"value":"2"}},{"name":"gender","_valueCode":{"id":"g"}}]}"#
    #expect(
      try patched("", operation("add", "Patient", name("contact"), parts))
        == #","contact":[{"name":{"text":"a name"},"telecom":[{"value":"1"},{"value":"2"}],"_gender":{"id":"g"}}]"#
    )
    #expect(
      try patched(
        #","contact":[{"gender":"male"}]"#, operation("add", "Patient", name("contact"), parts))
        == #","contact":[{"gender":"male"},{"name":{"text":"a name"},"telecom":[{"value":"1"},{"value":"2"}],"_gender":{"id":"g"}}]"#
    )
    let twice =
      #"{"name":"value","part":[{"name":"gender","valueCode":"male"},{"name":"gender","valueCode":"other"}]}"#
    #expect(
      try patched("", operation("add", "Patient", name("contact"), twice))
        == "!invalid Parameters.parameter[0].part[3]")
    let stranger = #"{"name":"value","part":[{"name":"color","valueCode":"red"}]}"#
    #expect(
      try patched("", operation("add", "Patient", name("contact"), stranger))
        == "!invalid Parameters.parameter[0].part[3].part[0]")
  }

  @Test func lists() throws {
    let list = #","identifier":[ {"value":"1"} , {"value":"2"} , {"value":"3"} ]"#
    let four = value("valueIdentifier", #"{"value":"4"}"#)
    #expect(
      try patched(list, operation("insert", "Patient.identifier", index("index", 3), four))
        == #","identifier":[ {"value":"1"} , {"value":"2"} , {"value":"3"}, {"value":"4"} ]"#)
    #expect(
      try patched(list, operation("insert", "Patient.identifier", index("index", 0), four))
        == #","identifier":[ {"value":"4"}, {"value":"1"} , {"value":"2"} , {"value":"3"} ]"#)
    #expect(
      try patched(list, operation("insert", "Patient.identifier", index("index", 4), four))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched("", operation("insert", "Patient.identifier", index("index", 0), four))
        == #","identifier":[{"value":"4"}]"#)
    #expect(
      try patched(
        "",
        operation(
          "insert", "Patient.maritalStatus", index("index", 0), value("valueCodeableConcept", "{}"))
      ) == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(
        list, operation("insert", "Patient.identifier.where(value != '2')", index("index", 0), four)
      ) == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(list, operation("delete", "Patient.identifier[1]"))
        == #","identifier":[ {"value":"1"} , {"value":"3"} ]"#)
    #expect(
      try patched(list, operation("delete", "Patient.identifier.where(value = '1')"))
        == #","identifier":[ {"value":"2"} , {"value":"3"} ]"#)
    #expect(
      try patched(list, operation("delete", "Patient.identifier"))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(
        list, operation("move", "Patient.identifier", index("source", 2), index("destination", 0)))
        == #","identifier":[ {"value":"3"} , {"value":"1"} , {"value":"2"} ]"#)
    #expect(
      try patched(
        list, operation("move", "Patient.identifier", index("source", 0), index("destination", 1)))
        == #","identifier":[ {"value":"2"} , {"value":"1"} , {"value":"3"} ]"#)
    #expect(
      try patched(
        list, operation("move", "Patient.identifier", index("source", 3), index("destination", 0)))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(list, operation("add", "Patient", name("identifier"), four))
        == #","identifier":[ {"value":"1"} , {"value":"2"} , {"value":"3"}, {"value":"4"} ]"#)
    #expect(
      try patched(
        list, operation("replace", "Patient.identifier[0].value", value("valueString", "\"x\"")),
        operation("delete", "Patient.identifier[1]"))
        == #","identifier":[ {"value":"x"} , {"value":"3"} ]"#)
  }

  @Test func primitivesKeepTheirCompanionsInStep() throws {
    let given = #","name":[{"given":["a",null,"c"],"_given":[null,{"id":"x"}]}]"#
    #expect(
      try patched(given, operation("delete", "Patient.name.given[0]"))
        == #","name":[{"given":[null,"c"],"_given":[{"id":"x"}]}]"#)
    #expect(
      try patched(given, operation("delete", "Patient.name.given[2]"))
        == #","name":[{"given":["a",null],"_given":[null,{"id":"x"}]}]"#)
    #expect(
      try patched(
        given,
        operation("insert", "Patient.name.given", index("index", 1), value("valueString", "\"b\"")))
        == #","name":[{"given":["a","b",null,"c"],"_given":[null,null,{"id":"x"}]}]"#)
    #expect(
      try patched(
        given,
        operation(
          "insert", "Patient.name.given", index("index", 3),
          value("valueString", "\"d\"", #"{"id":"y"}"#)))
        == #","name":[{"given":["a",null,"c","d"],"_given":[null,{"id":"x"},null,{"id":"y"}]}]"#)
    #expect(
      try patched(
        given, operation("move", "Patient.name.given", index("source", 1), index("destination", 2)))
        == #","name":[{"given":["a","c",null],"_given":[null,null,{"id":"x"}]}]"#)
    #expect(
      try patched(
        given, operation("replace", "Patient.name.given[1]", value("valueString", "\"b\"")))
        == #","name":[{"given":["a","b","c"],"_given":[null,null]}]"#)
    #expect(
      try patched(
        #","name":[{"given":["a"],"_given":[{"id":"x"}]}]"#,
        operation("delete", "Patient.name.given")) == "")
    let birth = #","birthDate":"1970","_birthDate":{"id":"b"}"#
    #expect(try patched(birth, operation("delete", "Patient.birthDate")) == "")
    #expect(
      try patched(birth, operation("delete", "Patient.birthDate.id")) == #","birthDate":"1970""#)
    #expect(
      try patched(birth, operation("replace", "Patient.birthDate", value("valueDate", "\"1971\"")))
        == #","birthDate":"1971""#)
    #expect(
      try patched(
        #","birthDate":"1970""#,
        operation("replace", "Patient.birthDate", value("valueDate", "\"1971\"", #"{"id":"c"}"#)))
        == #","birthDate":"1971","_birthDate":{"id":"c"}"#)
    #expect(
      try patched(
        #","birthDate":"1970""#,
        operation(
          "add", "Patient.birthDate", name("extension"), value("valueExtension", #"{"url":"u"}"#)))
        == #","birthDate":"1970","_birthDate":{"extension":[{"url":"u"}]}"#)
    #expect(
      try patched(
        #","name":[{"given":["a","b"]}]"#,
        operation("add", "Patient.name.given[1]", name("id"), value("valueString", "\"i\"")))
        == #","name":[{"given":["a","b"],"_given":[null,{"id":"i"}]}]"#)
    #expect(
      try patched(
        #","_birthDate":{"id":"b"}"#,
        operation("replace", "Patient.birthDate", value("valueDate", "\"1971\"")))
        == #","birthDate":"1971""#)
    #expect(try patched(birth, operation("delete", "Patient.birthDate.extension")) == birth)
  }

  @Test func numbersKeepTheirDigits() throws {
    #expect(
      try patched(
        #","multipleBirthInteger":2,"x":1.10"#,
        operation("replace", "Patient.multipleBirth", value("valueInteger", "3")))
        == #","multipleBirthInteger":3,"x":1.10"#)
    let quantity = value("valueExtension", #"{"url":"u","valueDecimal":2.50}"#)
    #expect(
      try patched("", operation("add", "Patient", name("extension"), quantity))
        == #","extension":[{"url":"u","valueDecimal":2.50}]"#)
  }

  @Test func theResourceStaysWhatItIs() throws {
    #expect(try patched("", operation("delete", "Patient")) == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(#","id":"a""#, operation("delete", "Patient.id"))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(#","id":"a""#, operation("replace", "Patient.id", value("valueId", "\"b\"")))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(#","id":"a""#, operation("replace", "Patient.id", value("valueId", "\"a\"")))
        == #","id":"a""#)
    #expect(
      try patched("", operation("add", "Patient", name("id"), value("valueId", "\"b\"")))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(
        "", operation("add", "Patient", name("resourceType"), value("valueCode", "\"Basic\"")))
        == "!invalid Parameters.parameter[0].part[3]")
    #expect(
      try patched("", operation("add", "'x'", name("birthDate"), value("valueDate", "\"1970\"")))
        == "!invalid Parameters.parameter[0]")
    #expect(
      try patched(
        #","birthDate":"1970""#,
        operation("replace", "Patient.birthDate", value("valueInteger", "5")))
        == "!invalid Parameters.parameter[0].part[2]")
  }

  @Test func faultyPatchesSayWhere() throws {
    let table = [
      (operation("add", "Patient"), "!malformed Parameters.parameter[0]"),
      (operation("erase", "Patient"), "!malformed Parameters.parameter[0]"),
      (
        operation("delete", "Patient.name["),
        "!malformed Parameters.parameter[0].part[1], character 14"
      ),
      (operation("delete", "Patient.name + 1"), "!invalid Parameters.parameter[0], character 14"),
      (
        operation("delete", "Patient.active + 'x'"),
        "!invalid Parameters.parameter[0], character 16"
      ),
      (#"{"name":"other"}"#, "!malformed Parameters.parameter[0]"),
      (
        operation("delete", "Patient", #"{"name":"color","valueString":"x"}"#),
        "!malformed Parameters.parameter[0].part[2]"
      ),
      (
        operation("delete", "Patient", name("a"), name("b")),
        "!malformed Parameters.parameter[0].part[3]"
      ),
      (
        operation("add", "Patient", name("gender"), #"{"name":"value"}"#),
        "!malformed Parameters.parameter[0].part[3]"
      ),
      (
        operation(
          "add", "Patient", name("gender"), #"{"name":"value","valueCode":"x","valueString":"y"}"#),
        "!malformed Parameters.parameter[0].part[3]"
      ),
      (
        operation("insert", "Patient.name", index("index", -1), value("valueString", "1")),
        "!malformed Parameters.parameter[0]"
      ),
      (
        operation("replace", "Patient.descendants()", value("valueString", "\"x\"")),
        "!invalid Parameters.parameter[0]"
      ),
    ]
    for (patch, expected) in table {
      #expect(
        try patched(#","active":true,"name":[{"family":"x"}]"#, patch) == expected, "\(patch)")
    }
    let basic = try Resource(parsing: Array(#"{"resourceType":"Basic"}"#.utf8))
    #expect(throws: PeerChartError.self) { _ = try FHIRPathPatch(basic) }
  }
}
