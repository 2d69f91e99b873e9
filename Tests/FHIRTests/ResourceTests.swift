import FHIR
import Primitives
import Testing

@Suite struct ResourceTests {
  @Test func knowsTheTypesOfR4() {
    #expect(ResourceType.names.count == 146)
    #expect(ResourceType.isKnown("Patient") && ResourceType.isKnown("VisionPrescription"))
    for name in ["", "patient", "Resource", "DomainResource", "Subscriptions", "Patient "] {
      #expect(!ResourceType.isKnown(name))
    }
  }

  @Test(arguments: [
    ("[]", "$"), ("{}", "$"), (#"{"resourceType":7}"#, "$.resourceType"),
    (#"{"resourceType":"patient"}"#, "$.resourceType"),
    (#"{"resourceType":"Resource"}"#, "$.resourceType"),
    (#"{"resourceType":"Patient","id":""}"#, "Patient.id"),
    (#"{"resourceType":"Patient","id":"a b"}"#, "Patient.id"),
    (#"{"resourceType":"Patient","id":"é"}"#, "Patient.id"),
    (#"{"resourceType":"Patient","id":null}"#, "Patient.id"),
    (#"{"resourceType":"Patient","id":5}"#, "Patient.id"),
    (#"{"resourceType":"Patient","meta":null}"#, "Patient.meta"),
    (#"{"resourceType":"Patient","meta":[]}"#, "Patient.meta"),
  ])
  func refusesWhatIsNoResource(_ text: String, _ place: String) {
    let error = #expect(throws: PeerChartError.self) { try Resource(parsing: Array(text.utf8)) }
    #expect(error?.code == .invalid)
    #expect(error?.place == place)
  }

  @Test func idsAreOneTo64Characters() {
    #expect(Resource.isValidID("A-z.09"))
    #expect(Resource.isValidID(String(repeating: "a", count: 64)))
    #expect(!Resource.isValidID(String(repeating: "a", count: 65)))
    for id in ["", "a/b", "a_b", "a%", "..\u{301}"] { #expect(!Resource.isValidID(id)) }
  }

  @Test func bytesAreThoseOfTheObject() throws {
    let resource = try Resource(parsing: Array("\n {\"resourceType\" : \"Basic\"} \n".utf8))
    #expect(String(decoding: resource.bytes, as: UTF8.self) == "{\"resourceType\" : \"Basic\"}")
    #expect(resource.type == "Basic" && resource.id == nil)
  }
}

@Suite struct ResourceEditingTests {
  private static let time = Instant(millisecondsSinceEpoch: 1_772_357_400_000)
  private static let meta = #""versionId":"2","lastUpdated":"2026-03-01T09:30:00.000Z""#

  private func stored(_ text: String) throws -> String {
    let resource = try Resource(parsing: Array(text.utf8))
    return String(
      decoding: resource.withIdentity(id: "n1", versionId: "2", lastUpdated: Self.time),
      as: UTF8.self)
  }

  @Test(arguments: [
    (#"{"resourceType":"Basic"}"#, #"{"resourceType":"Basic","id":"n1","meta":{META}}"#),
    (#"{"id":"old","resourceType":"Basic"}"#, #"{"id":"n1","meta":{META},"resourceType":"Basic"}"#),
    (
      #"{"resourceType":"Basic","id":"old","x":1.10,"meta":{}}"#,
      #"{"resourceType":"Basic","id":"n1","x":1.10,"meta":{META}}"#
    ),
    (
      #"{"resourceType":"Basic","meta":{"profile":["p"],"lastUpdated":"1999-01-01T00:00:00Z"}}"#,
      #"{"resourceType":"Basic","id":"n1","meta":{"profile":["p"],"lastUpdated":"2026-03-01T09:30:00.000Z","versionId":"2"}}"#
    ),
    (
      #"{"resourceType":"Basic","meta":{"lastUpdated":"","_versionId":{},"versionId":7}}"#,
      #"{"resourceType":"Basic","id":"n1","meta":{"lastUpdated":"2026-03-01T09:30:00.000Z","_versionId":{},"versionId":"2"}}"#
    ),
  ])
  func editsOnlyTheIdentity(_ before: String, _ after: String) throws {
    #expect(try stored(before) == after.replacing("META", with: Self.meta))
  }

  @Test func newMembersLookLikeTheirNeighbours() throws {
    let text = """
      {
        "resourceType" : "Basic",
        "meta" : {
          "tag" : [ ]
        },
        "code": {"text":"\\u0041"}
      }
      """
    #expect(
      try stored(text) == """
        {
          "resourceType" : "Basic",
          "id" : "n1",
          "meta" : {
            "tag" : [ ],
            "versionId" : "2",
            "lastUpdated" : "2026-03-01T09:30:00.000Z"
          },
          "code": {"text":"\\u0041"}
        }
        """)
  }

  @Test(arguments: [
    #"{"resourceType":"Basic"}"#, #"{ "id":"a", "resourceType":"Basic" , "x":[1.0]}"#,
    #"{"meta":{"versionId":"1"},"id":"a","resourceType":"Basic"}"#,
    #"{"meta":{"versionId":"1","tag":[],"lastUpdated":"x"},"resourceType":"Basic","id":"b"}"#,
    #"{"resourceType":"Basic","meta":{ "tag":[] , "versionId":"1"} , "y":null}"#,
    #"{"resourceType":"Basic","meta":{"lastUpdated":"x","versionId":"1","source":"s"}}"#,
    #"{"resourceType":"Basic", "meta" : { } }"#,
  ])
  func removingTheIdentityUndoesIt(_ text: String) throws {
    let original = try Resource(parsing: Array(text.utf8))
    let edited = try Resource(
      parsing: original.withIdentity(id: "new", versionId: "9", lastUpdated: Self.time))
    #expect(edited.id == "new")
    #expect(edited.root["meta"]?["versionId"]?.string == "9")
    #expect(edited.root["meta"]?["lastUpdated"]?.string == Self.time.description)
    #expect(edited.removingIdentity() == original.removingIdentity())
    // What is left is JSON again, and has none of it.
    let rest = try JSONDocument(parsing: original.removingIdentity()).root
    #expect(rest["id"] == nil && rest["meta"]?["versionId"] == nil)
    #expect(rest["meta"]?["lastUpdated"] == nil)
  }

  @Test func anotherDigitIsAnotherContent() throws {
    let a = try Resource(parsing: Array(#"{"resourceType":"Basic","v":1.10}"#.utf8))
    let b = try Resource(parsing: Array(#"{"resourceType":"Basic","v":1.1}"#.utf8))
    #expect(a.removingIdentity() != b.removingIdentity())
  }
}

@Suite struct ResourceStructureTests {
  @Test(arguments: [
    (#"{"resourceType":"Observation","subject":"Patient/1"}"#, "Observation.subject"),
    (#"{"resourceType":"Claim","patient":[1]}"#, "Claim.patient[0]"),
    (#"{"resourceType":"Patient","identifier":["x"]}"#, "Patient.identifier[0]"),
    (#"{"resourceType":"Patient","meta":{"versionId":1}}"#, "Patient.meta.versionId"),
    (#"{"resourceType":"Patient","meta":{"security":{}}}"#, "Patient.meta.security"),
    (#"{"resourceType":"Patient","meta":{"tag":["x"]}}"#, "Patient.meta.tag[0]"),
    (#"{"resourceType":"Patient","contained":{}}"#, "Patient.contained"),
    (
      #"{"resourceType":"Patient","contained":[{"resourceType":"Nothing"}]}"#,
      "Patient.contained[0].resourceType"
    ),
    (
      #"{"resourceType":"Observation","performer":[{},{"reference":"Doctor Who"}]}"#,
      "Observation.performer[1].reference"
    ),
  ])
  func refusesWrongShapes(_ text: String, _ place: String) throws {
    let resource = try Resource(parsing: Array(text.utf8))
    let error = #expect(throws: PeerChartError.self) { try resource.checkStructure() }
    #expect(error?.code == .invalid)
    #expect(error?.place == place)
  }

  @Test func reportsNoMoreThanAsked() throws {
    let list = Array(repeating: #"{"reference":"?"}"#, count: 500).joined(separator: ",")
    let resource = try Resource(
      parsing: Array("{\"resourceType\":\"Observation\",\"performer\":[\(list)]}".utf8))
    #expect(resource.structureErrors(limit: 7).count == 7)
    #expect(resource.structureErrors().count == 100)
  }

  @Test func emptyElementsAreWarnedOfOnly() throws {
    let text = #"{"resourceType":"Basic","a":{},"b":[],"c":"","d":[{"e":[]}]}"#
    let resource = try Resource(parsing: Array(text.utf8))
    try resource.checkStructure()
    #expect(
      resource.structureWarnings().map(\.place) == [
        "Basic.a", "Basic.b", "Basic.c", "Basic.d[0].e",
      ])
    #expect(resource.structureWarnings(limit: 2).count == 2)
  }
}
