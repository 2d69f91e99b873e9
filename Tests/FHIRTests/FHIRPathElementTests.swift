import FHIR
import Primitives
import Testing

/// How expressions meet FHIR resources (FHIR R4 fhirpath.html), with nothing known but their JSON.
@Suite struct FHIRPathElementTests {
  @Test func choicesAreFoundByTheirName() throws {
    try FHIRPathSupport.check(
      [
        ("value", "Observation.valueQuantity"), ("Observation.value.unit", "lbs"),
        ("value is Quantity", "true"), ("value.is(FHIR.Quantity)", "true"),
        ("(value as Quantity).value", "185.0"), ("value.as(Quantity).unit", "lbs"),
        ("value.ofType(Quantity).code", "[lb_av]"), ("value.ofType(string)", ""),
        ("effective.start", "2020-01-01"), ("component.value", "low|3"),
        ("component.value.ofType(string)", "low"), ("component.value.ofType(integer) + 1", "4"),
        ("value = 185 '[lb_av]'", "true"), ("value > 180 '[lb_av]'", "true"),
        ("value < 100 'kg'", "true"), ("value.exists() and dataAbsentReason.empty()", "true"),
        ("code.coding.where(system = %loinc).code", "29463-7"),
        ("code.coding.where(system = %sct).code", "27113001"), ("value.system = %ucum", "true"),
        ("Observation.status.is(string)", "true"), ("Patient.name", ""),
        ("Resource.id", "ob"), ("DomainResource.status", "final"),
        ("value.toString()", "185.0 '[lb_av]'"),
        ("component.where(value is string).code.text", "a"), ("value.type().name", "Quantity"),
      ], on: FHIRPathSupport.observation)
    try FHIRPathSupport.check([
      ("deceased", "false"), ("deceased is boolean", "true"), ("deceased is Boolean", "true"),
      ("deceased is System.Boolean", "false"), ("multipleBirth is integer", "true"),
      ("birthDate", "1974-12-25"), ("active is boolean", "true"),
      ("true is System.Boolean", "true"),
      ("1 is FHIR.integer", "false"), ("Patient is Patient", "true"),
      ("$this is DomainResource", "true"),
      ("$this is Observation", "false"), ("active.type().namespace", "FHIR"),
      ("true.type().namespace & '.' & true.type().name", "System.Boolean"),
    ])
  }

  @Test func primitivesHaveExtensions() throws {
    try FHIRPathSupport.check([
      ("birthDate.extension('http://example.org/t').value", "1974-12-25T14:35:45-05:00"),
      ("birthDate.extension.url", "http://example.org/t"), ("birthDate.id", "bd"),
      ("birthDate.hasValue()", "true"), ("birthDate.getValue() is Date", "true"),
      ("name[1].given.count()", "2"), ("name[1].given[1].hasValue()", "false"),
      ("name[1].given[1].extension.value", "asked"), ("name[1].given[1].getValue()", ""),
      ("name.hasValue()", "false"), ("active.hasValue()", "true"), ("{}.hasValue()", "false"),
      ("name[1].given.where(hasValue())", "Jim"), ("birthDate.children().count()", "2"),
      ("extension('http://example.org/b').value", "7"), ("extension(%`ext-x`).exists()", "false"),
      ("name.given.children().count()", "1"), ("name[1].given[1].length()", ""),
    ])
    let alone =
      #"{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u","valueCode":"x"}]},"_active":null}"#
    try FHIRPathSupport.check(
      [
        ("birthDate.exists()", "true"), ("birthDate.extension.value", "x"),
        ("active.exists()", "false"),
        ("birthDate.hasValue()", "false"), ("children().count()", "1"), ("birthDate < today()", ""),
        ("birthDate.toString()", ""),
      ], on: alone)
  }

  @Test func resourcesKnowTheirTypes() throws {
    try FHIRPathSupport.check([
      ("contained.name", "Contained"), ("contained is Organization", "true"),
      ("contained.ofType(Organization).count()", "1"), ("contained.where($this is Patient)", ""),
      ("%resource.id", "p1"), ("%context.id", "p1"), ("%rootResource.contained.id", "o1"),
      ("%`vs-administrative-gender`", "http://hl7.org/fhir/ValueSet/administrative-gender"),
      ("%'ext-patient-x'", "http://hl7.org/fhir/StructureDefinition/patient-x"),
      ("%unknown", "!invalid"),
      ("descendants().where($this is Organization).id", "o1"),
    ])
    let bundle =
      #"{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","title":"t"}},{"resource":{"resourceType":"Patient","id":"x"}}]}"#
    try FHIRPathSupport.check(
      [
        ("entry.first().resource.is(Composition)", "true"),
        ("entry.resource.ofType(Patient).id", "x"),
        ("Bundle.entry.resource.count()", "2"), ("entry[0].resource", "Bundle.entry[0].resource"),
        ("type = 'document' implies entry.first().resource.is(Composition)", "true"),
      ], on: bundle)
  }

  @Test func referencesAreResolved() throws {
    try FHIRPathSupport.check([
      ("managingOrganization.resolve().name", "Contained"),
      ("managingOrganization.resolve() is Organization", "true"),
      ("managingOrganization.reference.resolve().id", "o1"), ("generalPractitioner.resolve()", ""),
      ("'#'.resolve().id", "p1"), ("'#nobody'.resolve()", ""), ("name.resolve()", ""),
    ])
    let byType = FHIRPathEnvironment(
      resolver: FHIRPathEnvironment.resolvingTypes(by: InferredTypes.standard))
    try FHIRPathSupport.check(
      [
        ("generalPractitioner.where(resolve() is Practitioner).reference", "Practitioner/7"),
        ("generalPractitioner.where(resolve() is Organization).count()", "1"),
        ("generalPractitioner.resolve().name", ""), ("'urn:uuid:1'.resolve().exists()", "false"),
      ], environment: byType)
    let other = try FHIRPathSupport.item(
      #"{"resourceType":"Practitioner","id":"7","gender":"other"}"#)
    let byText = FHIRPathEnvironment(resolver: { reference, _ in
      reference == "Practitioner/7" ? other : nil
    })
    try FHIRPathSupport.check(
      [("generalPractitioner.resolve().gender", "other")], environment: byText)
  }

  @Test func theWaysOutAreSupplied() throws {
    let environment = FHIRPathEnvironment(
      variables: ["who": FHIRPathCollection([.string("me"), .integer(3)])],
      membership: { item, set in set == "vs" ? item.text == "male" : nil },
      conformance: { _, profile in profile == "p" })
    try FHIRPathSupport.check(
      [
        ("gender.memberOf('vs')", "true"), ("gender.memberOf('other')", ""),
        ("conformsTo('p')", "true"),
        ("conformsTo('q')", "false"), ("%who", "me|3"), ("%who[1] + 1", "4"),
        ("photo.memberOf('vs')", ""),
      ], environment: environment)
    try FHIRPathSupport.check([("gender.memberOf('vs')", ""), ("conformsTo('p')", "")])
  }

  @Test func narratives() throws {
    let good = [
      "<div xmlns='http://www.w3.org/1999/xhtml'>a<br/>b &amp; &#160;<table><tr><td colspan=\\\"2\\\">x</td></tr></table></div>",
      "<div><!-- a -->b</div>", "<div><img src='#a' alt='x'/></div>",
      "<div><a href='https://x/y?a=b&amp;c'>z</a></div>",
    ]
    let bad = [
      "", "text", "<div></div>", "<div>a</div><div>b</div>", "<div><p>a</div>", "<div>a",
      "<p>a</p>",
      "<div><script>x</script></div>", "<div onclick='x'>a</div>",
      "<div><a href='javascript:x'>a</a></div>",
      "<div><a href=' java\\nscript:x'>a</a></div>", "<div>a & b</div>",
      "<div><iframe src='x'/>a</div>",
      "<div><input type='text'/>a</div>", "<div class=x>a</div>", "<div>a</div>b",
      "<!DOCTYPE x><div>a</div>",
      "<div><![CDATA[x]]></div>", "<div  >  </div>", "<div><!-- a -- b -->c</div>",
      "<div><a href='&#106;avascript:x'>a</a></div>",
    ]
    for (markups, expected) in [(good, "true"), (bad, "false")] {
      for markup in markups {
        let json = "{\"resourceType\":\"Basic\",\"text\":{\"div\":\"\(markup)\"}}"
        #expect(
          try FHIRPathSupport.result("text.div.htmlChecks()", on: json) == expected, "\(markup)")
      }
    }
    let deep = String(repeating: "<div>", count: 50_000)
    let json = "{\"resourceType\":\"Basic\",\"text\":{\"div\":\"\(deep)\"}}"
    #expect(try FHIRPathSupport.result("text.div.htmlChecks()", on: json) == "false")
  }
}
