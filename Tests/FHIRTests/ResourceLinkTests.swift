import FHIR
import Testing

@Suite struct ResourceLinkTests {
  @Test(
    arguments: [
      ("Patient/1", .relative(type: "Patient", id: "1", version: nil)),
      ("Patient/1/_history/2", .relative(type: "Patient", id: "1", version: "2")),
      (
        "https://a.example/fhir/Patient/1",
        .absolute(url: "https://a.example/fhir/Patient/1", type: "Patient", id: "1", version: nil)
      ),
      (
        "http://a.example/Patient/1/_history/3",
        .absolute(
          url: "http://a.example/Patient/1/_history/3", type: "Patient", id: "1", version: "3")
      ),
      (
        "http://a.example/x?y=Patient/1",
        .absolute(url: "http://a.example/x?y=Patient/1", type: nil, id: nil, version: nil)
      ),
      ("urn:uuid:61ebe359", .urn("urn:uuid:61ebe359")), ("urn:oid:1.2.3", .urn("urn:oid:1.2.3")),
      (
        "Practitioner?identifier=http://x|1",
        .conditional(type: "Practitioner", query: "identifier=http://x|1")
      ),
      ("#med", .fragment("med")), ("#", .fragment("")),
    ] as [(String, ReferenceForm)])
  func readsTheForms(_ text: String, _ form: ReferenceForm) {
    #expect(ReferenceForm(text) == form)
  }

  @Test(arguments: [
    "", " ", "Patient", "Patient/", "Doctor/1", "Patient/a b", "Patient/1/2", "/Patient/1",
    "Patient/1/_history/", "Patient/1/_history", "Doctor?x=1", "Patient?", "1:x", "Patient/1\n",
  ])
  func refusesOtherText(_ text: String) {
    #expect(ReferenceForm(text) == nil)
  }

  @Test func aReferenceWithoutTextIsLogical() throws {
    func form(_ text: String) throws -> ReferenceForm? {
      ReferenceForm(element: try JSONDocument(parsing: Array(text.utf8)).root)
    }
    #expect(try form(#"{"identifier":{"value":"1"}}"#) == .logical)
    #expect(try form(#"{"display":"x"}"#) == .logical)
    #expect(try form(##"{"reference":"#a","display":"x"}"##) == .fragment("a"))
    #expect(try form(#"{"reference":5,"display":"x"}"#) == nil)
    #expect(try form("{}") == nil)
  }

  private static let sample = #"""
    {"resourceType":"DocumentReference",
     "text":{"div":"<div><p href='Patient/0'>x</p><a class=\"l\" href=\"urn:uuid:a\">a<\/a><img src = 'Binary/2'/><a href=\"http://x.example/\">b</a><a href=\"Patient/1?a&amp;b\">c</a></div>"},
     "url":"http://me.example/DocumentReference/1",
     "extension":[{"url":"http://x.example/StructureDefinition/e","valueReference":{"reference":"#p"}},
       {"url":"urn:uuid:a","valueUri":"urn:uuid:a","valueString":"urn:uuid:a"}],
     "contained":[{"resourceType":"Provenance","target":[{"reference":"Patient\/1"}]}],
     "identifier":[{"system":"urn:oid:1.2","value":"urn:uuid:a"}],
     "profile":["urn:uuid:a"], "instantiatesUri":["urn:uuid:b","http://x.example/Patient/1"],
     "content":[{"attachment":{"url":"Binary/3"}},{"attachment":{"url":"http://x.example/a.pdf"}},
       {"attachment":{"url":"http://x.example/Binary/4"}}],
     "subject":{"reference":"Patient?identifier=1"}, "author":[{"reference":"bad one"}]}
    """#

  @Test func findsEveryLinkWithItsPlace() throws {
    let resource = try Resource(parsing: Array(Self.sample.utf8))
    let links = resource.links.map { "\($0.origin) \($0.pointer) \($0.text)" }
    #expect(
      links == [
        "narrative DocumentReference.text.div urn:uuid:a",
        "narrative DocumentReference.text.div Binary/2",
        "reference DocumentReference.extension[0].valueReference.reference #p",
        "uri DocumentReference.extension[1].valueUri urn:uuid:a",
        "reference DocumentReference.contained[0].target[0].reference Patient/1",
        "uri DocumentReference.identifier[0].system urn:oid:1.2",
        "uri DocumentReference.instantiatesUri[0] urn:uuid:b",
        "uri DocumentReference.content[0].attachment.url Binary/3",
        "uri DocumentReference.content[2].attachment.url http://x.example/Binary/4",
        "reference DocumentReference.subject.reference Patient?identifier=1",
        "reference DocumentReference.author[0].reference bad one",
      ])
    #expect(resource.links.last?.form == nil)
  }

  @Test func rewritesOnlyWhatItIsToldTo() throws {
    let resource = try Resource(parsing: Array(Self.sample.utf8))
    let edits = resource.edits(replacing: resource.links) { link in
      switch link.text {
      case "urn:uuid:a": "Binary/1"
      case "Patient/1": "Patient/\"9\""
      default: nil
      }
    }
    let expected = Self.sample
      .replacing(#"href=\"urn:uuid:a\""#, with: #"href=\"Binary/1\""#)
      .replacing(#""valueUri":"urn:uuid:a""#, with: #""valueUri":"Binary/1""#)
      .replacing(#"Patient\/1"#, with: #"Patient/\"9\""#)
    #expect(String(decoding: resource.applying(edits), as: UTF8.self) == expected)
  }

  @Test func textInANarrativeIsEscapedForBothLanguages() throws {
    let text = #"{"resourceType":"Basic","text":{"div":"<a href=\"urn:uuid:a\">x</a>"}}"#
    let resource = try Resource(parsing: Array(text.utf8))
    let edits = resource.edits(replacing: resource.links) { _ in "x\"'<&y" }
    #expect(
      String(decoding: resource.applying(edits), as: UTF8.self)
        == text.replacing("urn:uuid:a", with: "x&quot;&#39;&lt;&amp;y"))
  }

  @Test func someElementsOnlyLookLikeReferences() throws {
    let texts = [
      #"{"resourceType":"DetectedIssue","reference":"http://x.example/Patient/1"}"#,
      #"{"resourceType":"Immunization","education":[{"reference":"some words"}]}"#,
      #"{"resourceType":"Claim","related":[{"reference":{"value":"1"}}]}"#,
    ]
    for text in texts {
      #expect(try Resource(parsing: Array(text.utf8)).links.isEmpty)
    }
  }

  @Test func theEntriesOfABundleKeepTheirLinks() throws {
    let text = #"""
      {"resourceType":"Bundle","type":"document","identifier":{"assigner":{"reference":"Organization/1"}},
      "entry":[{"resource":{"resourceType":"Basic","subject":{"reference":"urn:uuid:a"}}}]}
      """#
    let bundle = try ResourceBundle(parsing: Array(text.utf8))
    #expect(bundle.resource.links.map(\.text) == ["Organization/1"])
    let entry = try #require(Array(bundle.entries).first)
    #expect(
      try entry.resource?.links.map(\.pointer) == ["Bundle.entry[0].resource.subject.reference"])
  }

  @Test(arguments: [
    "<", "<a", "<a ", "<a href", "<a href=", "<a href='", "<a href=\\\"", "<a x='' href='x",
    "<a href='\\n", "<img  src=x>", "<a\\nhref='' a=''",
  ])
  func brokenNarrativesHaveNoLinks(_ div: String) throws {
    let resource = try Resource(
      parsing: Array("{\"resourceType\":\"Basic\",\"text\":{\"div\":\"\(div)\"}}".utf8))
    #expect(resource.links.isEmpty)
  }
}
