import FHIR
import Primitives
import Testing

/// Bad XML is an error that says where, and nothing worse.
struct XMLRefusalTests {
  private static let space = #"xmlns="http://hl7.org/fhir""#

  @Test(arguments: [
    ("<hobby value=\"x\"/>", "Patient.hobby, line 1, column 54"),
    ("\n <name>\n  <famly value=\"x\"/></name>", "Patient.name[0].famly, line 3"),
    ("<name/><name><given/><given><given/></given></name>", "Patient.name[1].given[1], line 1"),
    ("<birthDate value=\"2000\"/><birthDate value=\"2000\"/>", "Patient.birthDate, line 1"),
    ("<birthDate value=\"2000\"/><name/>", "Patient.name, line 1"),
    ("<birthDate>2000</birthDate>", "Patient.birthDate, line 1"),
    ("<birthDate v=\"2000\"/>", "Patient.birthDate, line 1"),
    ("<active value=\"1\"/>", "Patient.active, line 1"),
    ("<multipleBirthInteger value=\"07\"/>", "Patient.multipleBirthInteger, line 1"),
    ("<multipleBirthInteger value=\"1.\"/>", "Patient.multipleBirthInteger, line 1"),
    (
      "<deceasedBoolean value=\"true\"/><deceasedDateTime value=\"2000\"/>",
      "Patient.deceasedDateTime"
    ),
    ("<name xmlns=\"urn:other\"/>", "Patient, line 1"),
    ("<name url=\"x\"/>", "Patient.name[0], line 1"),
    ("<contained/>", "Patient.contained[0], line 1"),
    ("<contained><Basic/><Basic/></contained>", "Patient.contained[0], line 1"),
    ("<contained><doctor/></contained>", "Patient.contained[0].doctor, line 1"),
    ("<contained><Basic id=\"x\"/></contained>", "Patient.contained[0], line 1"),
    ("<text><div>x</div></text>", "Patient.text.div, line 1"),
    (
      "<text><div xmlns=\"http://www.w3.org/1999/xhtml\"><b:i xmlns:b=\"urn:b\"/><i a:c=\"\"/></div></text>",
      "Patient.text.div, line 1"
    ),
  ])
  func whatIsNotFHIR(_ content: String, _ place: String) throws {
    let error = try #require(refusal("<Patient \(Self.space)>\(content)</Patient>"))
    #expect(error.code == .invalid || error.code == .malformed)
    #expect(error.place?.hasPrefix(place) == true, "\(error)")
  }

  @Test(arguments: [
    "", " ", "x", "<", "<Patient", "<Patient \(space)>", "<Patient \(space)></Patien>",
    "<Patient \(space)/><Patient \(space)/>", "<Patient \(space)/>x",
    "<Patient \(space) a=\"1\" a=\"2\"/>",
    "<Patient \(space)>&nbsp;</Patient>", "<Patient \(space)>&#1;</Patient>",
    "<p:Patient \(space)/>", "<Patient/>", "<Patient xmlns=\"http://hl7.org/fhir/\"/>",
    "<name \(space)/>", "<Resource \(space)/>",
    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Patient \(space)/>",
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Patient \(space)/>",
    "<Patient \(space)><id value=\"a<b\"/></Patient>", "\0<Patient \(space)/>",
    "<Patient \(space)>\0</Patient>", "<Patient \(space)><![CDATA[x]]></Patient>",
  ])
  func whatIsNoXML(_ text: String) throws {
    let error = try #require(refusal(text))
    #expect(error.place?.contains("line ") == true, "\(error)")
  }

  @Test func bytesThatAreNotUTF8() {
    for bad: [UInt8] in [
      [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ] {
      let text =
        Array("<Patient \(Self.space)><id value=\"".utf8) + bad + Array("\"/></Patient>".utf8)
      let error = #expect(throws: PeerChartError.self) { try FHIRXML.json(from: text) }
      #expect(error?.code == .malformed)
    }
    for mark: [UInt8] in [[0xFF, 0xFE], [0xFE, 0xFF], [0x4C, 0x6F, 0xA7, 0x94]] {
      #expect(throws: PeerChartError.self) { try FHIRXML.json(from: mark + [0x3C, 0, 0x50, 0]) }
    }
  }

  /// Neither files nor the network are looked at, and nothing is expanded: a document type ends it.
  @Test(arguments: [
    #"<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#,
    #"<!DOCTYPE Patient SYSTEM "http://127.0.0.1:1/x.dtd">"#,
    #"<!DOCTYPE Patient PUBLIC "a" "b">"#, "<!DOCTYPE Patient>",
    #"<!DOCTYPE Patient [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>"#,
    #"<!DOCTYPE Patient [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>"#,
    #"<!DOCTYPE Patient [<!ATTLIST Patient xmlns CDATA "http://hl7.org/fhir">]>"#,
  ])
  func documentTypes(_ type: String) throws {
    let error = try #require(refusal("\(type)<Patient \(Self.space)><id value=\"&x;\"/></Patient>"))
    #expect(error.code == .malformed)
    #expect(error.reason.contains("document type"))
    #expect(error.place?.hasPrefix("line 1, column ") == true)
  }

  @Test func bounds() throws {
    let deep = String(repeating: "<extension url=\"a\">", count: 100_000)
    let depth = try #require(refusal("<Patient \(Self.space)>\(deep)"))
    #expect(depth.code == .tooLarge)
    let wide = String(repeating: "<name/>", count: 100)
    let many = try #require(
      refusal("<Patient \(Self.space)>\(wide)</Patient>", limits: XMLLimits(maximumElements: 50)))
    #expect(many.code == .tooLarge)
    let long = try #require(
      refusal("<Patient \(Self.space)>\(wide)</Patient>", limits: XMLLimits(maximumBytes: 100)))
    #expect(long.code == .tooLarge && long.place == "byte 100")
  }

  /// An attribute beyond libxml2's own bound of ten million bytes.
  @Test func largeValuesAreRead() throws {
    let data = String(repeating: "QUJD", count: 3_000_000)
    let text =
      #"<Binary \#(Self.space)><contentType value="a/b"/><data value="\#(data)"/></Binary>"#
    #expect(try json(text) == #"{"resourceType":"Binary","contentType":"a/b","data":"\#(data)"}"#)
  }

  @Test func errorsDoNotQuoteTheText() throws {
    for text in ["<id value=\"Smith\">Smith</id>", "<id value=\"Smith", "<Smith/>", "&Smith;"] {
      let error = try #require(refusal("<Patient \(Self.space)>\(text)</Patient>"))
      #expect(!error.description.contains("Smith"))
    }
  }
}
