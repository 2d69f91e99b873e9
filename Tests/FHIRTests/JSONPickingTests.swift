import FHIR
import Testing

/// Picking members from a text that was parsed before finds those that parsing finds, and no others.
@Suite struct JSONPickingTests {
  private static let text = """
    {"resourceType" : "Observation", "id":"a", "note":[{"text":"\\"} ] , { [ \\\\"}],
     "sub\\u006aect": {"reference":"Patient/1"}, "value":-1.5e3 , "empty":{}, "list":[ ],
     "status":"final","last" : null }
    """

  /// The members that conditions on these parameters look at.
  private static func members(_ query: String, of type: String) throws -> MemberNames {
    try #require(try SearchQuery(type: type, parameters: SearchSupport.pairs(query)).members)
  }

  @Test func onlyWhatIsWanted() throws {
    let whole = try SearchSupport.resource(Self.text)
    let picked = try Resource(
      picking: Self.members("status=final&value-quantity=1", of: "Observation"),
      of: Array(Self.text.utf8))
    #expect(picked.type == "Observation" && picked.id == "a")
    #expect(picked.root["status"]?.string == "final")
    for name in ["note", "value", "empty", "list", "last"] {
      #expect(whole.root[name] != nil && picked.root[name] == nil, "\(name)")
    }
    #expect(picked.bytes == Array(Self.text.utf8), "the text is kept as it came")
  }

  @Test func anEscapedNameIsFound() throws {
    let picked = try Resource(
      picking: Self.members("subject=Patient/1", of: "Observation"), of: Array(Self.text.utf8))
    #expect(picked.root["subject"]?["reference"]?.string == "Patient/1")
  }

  /// What is no such text is an error, wherever it ends and whatever stands in it.
  @Test func brokenTextsAreRefused() throws {
    let wanted = try Self.members("subject=Patient/1", of: "Observation")
    let bytes = Array(Self.text.utf8)
    let end = try #require(bytes.lastIndex(of: 0x7D))
    for count in 0..<end {
      #expect(throws: (any Error).self, "\(count) bytes") {
        try Resource(picking: wanted, of: Array(bytes.prefix(count)))
      }
    }
    var random = FuzzRandom(seed: FuzzRandom.printedSeed(for: "JSONPickingTests"))
    var opened = 0
    for _ in 0..<20_000 {
      var changed = bytes
      for _ in 0..<random.pick([1, 2, 5]) {
        changed[Int.random(in: 0..<changed.count, using: &random)] = random.pick(
          [0x22, 0x5C, 0x7B, 0x7D, 0x5B, 0x5D, 0x2C, 0x3A, 0x00, 0xFF, 0x20])
      }
      if (try? Resource(picking: wanted, of: changed)) != nil { opened += 1 }
    }
    #expect(opened > 0, "nothing but refusals shows little")
  }
}
