import FHIR
import Primitives
import Testing
import Web

@Suite("Header fields")
struct HeaderTests {
  @Test(
    "If-Match holds one version",
    arguments: [("W/\"3\"", 3), ("\"3\"", 3), ("3", 3), (" W/\"12\"\t", 12), ("W/\"0\"", 0)])
  func ifMatch(field: String, version: Int64) throws {
    #expect(try EntityTag.version(ifMatch: field) == version)
  }

  @Test(
    "If-Match is refused when it is anything else",
    arguments: [
      "", "*", "W/", "W/3", "w/\"3\"", "W/\"\"", "W/\"x\"", "\"3", "3\"", "W/\"3\",W/\"4\"", "-1",
      "+1", "W/\"99999999999999999999\"", "\"", "W/\"",
    ])
  func refusedIfMatch(field: String) {
    #expect {
      try EntityTag.version(ifMatch: field)
    } throws: { ($0 as? PeerChartError)?.code == .malformed }
  }

  @Test("If-None-Match is a list or a star")
  func ifNoneMatch() {
    #expect(EntityTag.matches(ifNoneMatch: "W/\"1\", W/\"3\"", version: 3))
    #expect(EntityTag.matches(ifNoneMatch: "*", version: 3))
    #expect(!EntityTag.matches(ifNoneMatch: "W/\"1\", W/\"2\"", version: 3))
    #expect(!EntityTag.matches(ifNoneMatch: "", version: 3))
    #expect(EntityTag.matches(ifNoneMatch: EntityTag.text(3), version: 3))
  }

  // The first is the example of RFC 9110 section 5.6.7; the others were computed with GNU date.
  @Test(
    "Dates are IMF-fixdate",
    arguments: [
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
      (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
    ])
  func dates(seconds: Int64, text: String) {
    #expect(HTTPDate.text(Instant(millisecondsSinceEpoch: seconds * 1000)) == text)
    #expect(HTTPDate.text(Instant(millisecondsSinceEpoch: seconds * 1000 + 999)) == text)
  }

  @Test(
    "Everybody gets what they take most",
    arguments: [
      (nil, .json), ("*/*", .json), ("application/*", .json), ("application/fhir+json", .json),
      ("APPLICATION/JSON; charset=utf-8", .json),
      ("text/html, application/fhir+json;q=0.1", .json),
      ("application/fhir+json; fhirVersion=4.0", .json),
      ("application/fhir+xml, */*;q=0.5", .xml), ("text/xml", .xml),
      ("application/fhir+xml;q=0.3, application/fhir+json;q=0.4", .json),
      ("application/fhir+xml;q=0.9, application/fhir+json;q=0.4", .xml),
      ("application/fhir+xml;fhirVersion=5.0, application/json;q=0.1", .json),
    ] as [(String?, WireFormat)])
  func accepted(accept: String?, format: WireFormat) throws {
    #expect(try MediaTypes.wanted(accept: accept, format: nil) == format)
  }

  @Test(
    "and nobody what they do not",
    arguments: [
      "text/html", "", "application/fhir+json;q=0", "application/fhir+json;q=0.000",
      "application/fhir+json; fhirVersion=5.0", "application", "application/turtle",
    ])
  func refusedAccept(accept: String) {
    #expect {
      try MediaTypes.wanted(accept: accept, format: nil)
    } throws: { ($0 as? PeerChartError)?.code == .notAcceptable }
  }

  @Test("_format wins over Accept")
  func format() throws {
    let xml = "application/fhir+xml"
    #expect(try MediaTypes.wanted(accept: xml, format: "json") == .json)
    #expect(try MediaTypes.wanted(accept: xml, format: "application/fhir json") == .json)
    #expect(try MediaTypes.wanted(accept: "*/*", format: "xml") == .xml)
    #expect(throws: PeerChartError.self) { try MediaTypes.wanted(accept: xml, format: "ttl") }
  }

  @Test("Resources come as JSON or XML in UTF-8")
  func content() throws {
    for type in ["application/fhir+json", "application/json;charset=\"UTF-8\"", "text/json"] {
      #expect(try MediaTypes.content(type) == .json)
    }
    #expect(try MediaTypes.content("application/fhir+xml; charset=utf-8") == .xml)
    let refused = [
      nil, "", "xml", "application/json; charset=latin1", "text/plain",
      "application/x-www-form-urlencoded", "application/fhir+json; fhirVersion=3.0",
    ]
    for type in refused {
      #expect(
        throws: PeerChartError.self, "\(type ?? "none")",
        performing: { try MediaTypes.content(type) })
    }
    try MediaTypes.checkForm("application/x-www-form-urlencoded; charset=utf-8")
    #expect(throws: PeerChartError.self) { try MediaTypes.checkForm("application/json") }
  }

  @Test("Preferences are read, unknown ones left alone, the first of each counts")
  func prefer() {
    #expect(Preference(nil).isStrict && Preference(nil).returns == nil)
    #expect(Preference("return=minimal").returns == .minimal)
    #expect(Preference("Return=OperationOutcome; handling=lenient").returns == .operationOutcome)
    #expect(Preference("wait=10, Respond-Async").isAsync && !Preference("async").isAsync)
    #expect(!Preference("respond-async, handling=\"lenient\"").isStrict)
    #expect(Preference("handling=strict, handling=lenient").isStrict)
    #expect(Preference("return=representation,return=minimal").returns == .representation)
    #expect(Preference(",;==, return=nonsense, handling=").returns == nil)
  }

  @Test("A bearer token is read from its scheme, whatever the case")
  func bearer() {
    #expect(BearerCredentials(header: "Bearer abc.DEF-123_~+/==")?.token == "abc.DEF-123_~+/==")
    #expect(BearerCredentials(header: "bearer  x")?.token == "x")
    for header in ["", "Bearer", "Bearer ", "Basic eA==", "Bearer a b", "Bearer a,b", "Bearer ä"] {
      #expect(BearerCredentials(header: header) == nil)
    }
    #expect(BearerCredentials(header: "DPoP abc")?.token == "abc")
    #expect(BearerCredentials(header: "Bearer " + String(repeating: "a", count: 8193)) == nil)
  }

  @Test("Numbers are digits within a bound")
  func numbers() {
    #expect(DecimalDigits.parse("9223372036854775807".utf8) == .max)
    #expect(DecimalDigits.parse("9223372036854775808".utf8) == nil)
    #expect(DecimalDigits.parse("00012".utf8) == 12)
    #expect(DecimalDigits.parse("65536".utf8, limit: 65535) == nil)
    for text in ["", "-1", "+1", "1e3", " 1", "0x1", "١"] {
      #expect(DecimalDigits.parse(text.utf8) == nil)
    }
  }
}
