import FHIR
import Primitives
import Testing

struct XMLTests {
  private static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

  @Test func elementsStandInTheOrderOfTheDefinition() throws {
    let text = """
      {"birthDate":"2001-02-03","name":[{"given":["Ann","Bea"],"family":"Li"}],"id":"a",
      "resourceType":"Patient","deceasedBoolean":false}
      """
    #expect(
      try xml(text) == Self.head + """
        <Patient xmlns="http://hl7.org/fhir"><id value="a"/><name><family value="Li"/>\
        <given value="Ann"/><given value="Bea"/></name><birthDate value="2001-02-03"/>\
        <deceasedBoolean value="false"/></Patient>
        """)
    #expect(try sorted(Array(json(xml(text)).utf8)) == sorted(Array(text.utf8)))
  }

  @Test func extensionsAndIdsOfPrimitives() throws {
    let text = """
      {"resourceType":"Patient","_active":{"extension":[{"url":"http://e.org/x","valueCode":"c"}]},\
      "name":[{"id":"n1","given":["A",null,"C"],"_given":[null,{"id":"g"},{"extension":[\
      {"url":"u","valueDecimal":1.10}]}]}],"birthDate":"2000","_birthDate":{"id":"b"}}
      """
    #expect(
      try xml(text) == Self.head + """
        <Patient xmlns="http://hl7.org/fhir"><active><extension url="http://e.org/x">\
        <valueCode value="c"/></extension></active><name id="n1"><given value="A"/><given id="g"/>\
        <given value="C"><extension url="u"><valueDecimal value="1.10"/></extension></given></name>\
        <birthDate id="b" value="2000"/></Patient>
        """)
    #expect(try json(xml(text)) == text)
  }

  @Test(arguments: ["1.10", "1E2", "-0.00", "100000000000000000000.0001", "1e-7", "0"])
  func numberLiteralsAreKept(_ literal: String) throws {
    let text = #"{"resourceType":"Observation","valueQuantity":{"value":\#(literal)}}"#
    #expect(try json(xml(text)) == text)
  }

  @Test func textIsKeptToTheCharacter() throws {
    let text = #"{"resourceType":"Patient","name":[{"text":" <a> & \"b\"\t'c'\r\nd  ☃ 𝄞 \\"}]}"#
    #expect(try sorted(Array(json(xml(text)).utf8)) == sorted(Array(text.utf8)))
    #expect(try xml(text).contains("&#9;'c'&#13;&#10;d  ☃ 𝄞 \\"))
  }

  @Test func narrativeIsKeptAsItIs() throws {
    let div = """
      <div xmlns="http://www.w3.org/1999/xhtml" lang='de'><!-- kept --><p >a&amp;b &#160;<br/><br />\
      <img src="#x"></img></p>\r\n<![CDATA[<x>]]></div >
      """
    let text = JSONTree.object([
      ("resourceType", "Patient"),
      ("text", .object([("status", "generated"), ("div", .string(div))])),
    ])
    let written = try xml(String(decoding: text.serialized(), as: UTF8.self))
    #expect(written.contains("<status value=\"generated\"/>" + div + "</text>"))
    #expect(try Array(json(written).utf8) == text.serialized())
  }

  /// Offsets hold behind a byte order mark, wide characters and many buffers' worth of text.
  @Test func everyNarrativeOfALargeTextIsCutOutRight() throws {
    let entries = (0..<3000).map { index -> JSONTree in
      let filler = String(repeating: "é☃𝄞", count: index % 50)
      let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>\(filler) \(index)</p><br /></div>"
      return [
        "resource": [
          "resourceType": "Patient", "text": ["status": "generated", "div": .string(div)],
          "name": [["text": .string(filler + "x")]],
        ]
      ]
    }
    let bundle: JSONTree = [
      "resourceType": "Bundle", "type": "collection", "entry": .array(entries),
    ]
    let json = bundle.serialized()
    for indented in [false, true] {
      let written = try FHIRXML.xml(from: JSONDocument(parsing: json).root, indented: indented)
      #expect(written.count > 500_000)
      #expect(try FHIRXML.json(from: [0xEF, 0xBB, 0xBF] + written) == json)
    }
  }

  @Test func narrativeGetsTheNamespaceItLacks() throws {
    let written = try xml(
      #"{"resourceType":"Patient","text":{"div":"<div class=\"a\"><p>x</p></div>"}}"#)
    #expect(
      written.contains("<div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"a\"><p>x</p></div>"))
  }

  @Test func resourcesInsideOfResources() throws {
    let text = """
      {"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":\
      {"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"},\
      {"resourceType":"Basic"}],"active":true}},{"resource":{"resourceType":"Parameters",\
      "parameter":[{"name":"p","resource":{"resourceType":"Binary","data":"AA=="}}]}}]}
      """
    #expect(try json(xml(text)) == text)
    #expect(
      try xml(text).contains(
        "<contained><Organization><id value=\"o\"/></Organization></contained>"))
  }

  @Test func indentedTextHoldsTheSame() throws {
    let text = """
      {"resourceType":"Patient","text":{"div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"> x\\n </div>"},\
      "name":[{"given":["A"]}]}
      """
    let document = try JSONDocument(parsing: Array(text.utf8))
    let written = try FHIRXML.xml(from: document.root, indented: true)
    #expect(
      String(decoding: written, as: UTF8.self).contains("\n    <given value=\"A\"/>\n  </name>\n"))
    #expect(try String(decoding: FHIRXML.json(from: written), as: UTF8.self) == text)
  }

  @Test func whatOthersWriteIsRead() throws {
    let text = """
      \u{FEFF}<?xml version='1.0' encoding='utf-8'?><?style x?><!-- c -->
      <f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xsi:schemaLocation="http://hl7.org/fhir patient.xsd">
        <!-- dropped --><f:id value='a&#x62;'/>
        <f:multipleBirthInteger value="+2"></f:multipleBirthInteger>
      </f:Patient><!-- end -->
      """
    #expect(try json(text) == #"{"resourceType":"Patient","id":"ab","multipleBirthInteger":2}"#)
  }

  /// What XML cannot hold without loss is refused with its place.
  @Test(arguments: [
    (#"{"resourceType":"Patient","hobby":"x"}"#, "Patient.hobby"),
    (#"{"resourceType":"Patient","_name":[{"id":"x"}]}"#, "Patient._name"),
    (#"{"resourceType":"Patient","birthDate":2000}"#, "Patient.birthDate"),
    (#"{"resourceType":"Patient","birthDate":null}"#, "Patient.birthDate"),
    (#"{"resourceType":"Patient","active":"true"}"#, "Patient.active"),
    (#"{"resourceType":"Patient","name":{"family":"x"}}"#, "Patient.name"),
    (#"{"resourceType":"Patient","birthDate":["2000"]}"#, "Patient.birthDate"),
    (#"{"resourceType":"Patient","name":[]}"#, "Patient.name"),
    (#"{"resourceType":"Patient","name":[{}]}"#, "Patient.name[0]"),
    (#"{"resourceType":"Patient","name":[{"given":[null]}]}"#, "Patient.name[0].given"),
    (#"{"resourceType":"Patient","name":[{"text":"a\u0001"}]}"#, "Patient.name[0].text"),
    (#"{"resourceType":"Patient","name":[{"text":"a\uFFFF"}]}"#, "Patient.name[0].text"),
    (#"{"resourceType":"Patient","text":{"div":"<p>a</p>"}}"#, "Patient.text.div"),
    (#"{"resourceType":"Patient","text":{"div":"<div>a&nbsp;b</div>"}}"#, "Patient.text.div"),
    (#"{"resourceType":"Patient","text":{"div":"<div>a</div><div/>"}}"#, "Patient.text.div"),
    (
      #"{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2000"}"#,
      "Patient.deceasedDateTime"
    ),
    (
      #"{"resourceType":"Patient","contained":[{"resourceType":"Nothing"}]}"#,
      "Patient.contained[0]"
    ),
    (#"{"resourceType":"DomainResource"}"#, "$"),
  ])
  func refusesWhatXMLCannotHold(_ text: String, _ place: String) throws {
    let document = try JSONDocument(parsing: Array(text.utf8))
    let error = #expect(throws: PeerChartError.self) {
      try FHIRXML.xml(from: document.root)
    }
    #expect(error?.code == .invalid)
    #expect(error?.place == place)
  }
}
