import FHIR
import Testing

/// What is decided about record after record is what would be decided about each by itself.
@Suite struct SearchVerifierTests {
  private static let text = """
    {"resourceType" : "Observation", "id":"a", "note":[{"text":"\\"} ] , { [ \\\\"}],
     "sub\\u006aect": {"reference":"Patient/1"}, "valueInteger":-1.5e3 , "empty":{}, "list":[ ],
     "status":"final","last" : null }
    """

  private static func verifier(_ query: String, of type: String = "Observation") throws
    -> SearchVerifier
  {
    SearchVerifier(try SearchQuery(type: type, parameters: SearchSupport.pairs(query)))
  }

  /// Asks about each in turn.
  private static func answers(_ verifier: SearchVerifier, _ texts: [String]) throws -> [Bool] {
    try texts.map { try verifier.matches(Array($0.utf8), following: NoLinks()) }
  }

  private static func observation(_ members: String, type: String = "Observation") -> String {
    "{\"resourceType\":\"\(type)\",\"id\":\"a\",\(members)}"
  }

  @Test func whatItPassesOverIsNotInItsWay() throws {
    #expect(try Self.answers(Self.verifier("status=final"), [Self.text]) == [true])
    #expect(try Self.answers(Self.verifier("status=amended"), [Self.text]) == [false])
    #expect(try Self.answers(Self.verifier("_id=a"), [Self.text]) == [true])
  }

  @Test func anEscapedNameIsFound() throws {
    #expect(
      try Self.answers(Self.verifier("subject=Patient/1&status=final"), [Self.text]) == [true])
    let plain = Self.observation(#""status":"final","subject":{"reference":"Patient/1"}"#)
    #expect(
      try Self.answers(Self.verifier("subject=Patient/1"), [plain, Self.text, plain])
        == [true, true, true])
  }

  /// What differs in one member, or in whether it is there, is seen after others were remembered.
  @Test func eachChangeIsSeen() throws {
    let verifier = try Self.verifier("status=final&category:missing=true&date=ge2020")
    let good = Self.observation(#""status":"final","effectiveDateTime":"2020-05""#)
    let other = Self.observation(#""status":"final","effectiveDateTime":"2019-05""#)
    let period = Self.observation(#""status":"final","effectivePeriod":{"start":"2020-05"}"#)
    let without = Self.observation(#""status":"final""#)
    let amended = Self.observation(#""effectiveDateTime":"2020-05","status":"amended""#)
    let sorted = Self.observation(#""category":[{"text":"x"}],"status":"final""#)
    let coded = Self.observation(
      #""status":"final","category":[{"coding":[{"code":"x"}]}],"effectiveDateTime":"2020-05""#)
    let moved = Self.observation(#""effectiveDateTime":"2020-05","note":[1],"status":"final""#)
    let spaced = Self.observation(#""status" : "final" , "effectiveDateTime" : "2020-05" "#)
    let typed = Self.observation(
      #""status":"final","effectiveDateTime":"2020-05""#, type: "Condition")
    let wanted = [
      (good, true), (good, true), (other, false), (good, true), (period, true), (without, false),
      (other, false), (good, true), (amended, false), (good, true), (sorted, false), (coded, false),
      (moved, true), (spaced, true), (typed, false), (good, true), (typed, false), (period, true),
    ]
    #expect(try Self.answers(verifier, wanted.map(\.0)) == wanted.map(\.1))
  }

  /// The resource that a compartment is about is in it by its id, which may be another in the next one.
  @Test func compartmentsGoByTheIdToo() throws {
    let membership = try #require(CompartmentMembership(.patient, id: "a"))
    let verifier = SearchVerifier(
      try SearchQuery(type: "Patient", parameters: [], in: membership))
    let texts = ["a", "b", "a"].map { "{\"resourceType\":\"Patient\",\"id\":\"\($0)\"}" }
    #expect(try Self.answers(verifier, texts) == [true, false, true])
  }

  /// What is no such text is an error, wherever it ends and whatever stands in it.
  @Test func brokenTextsAreRefused() throws {
    let bytes = Array(Self.text.utf8)
    let end = try #require(bytes.lastIndex(of: 0x7D))
    let experienced = try Self.verifier("subject=Patient/1")
    _ = try experienced.matches(bytes, following: NoLinks())
    for count in 0..<end {
      #expect(throws: (any Error).self, "\(count) bytes") {
        try experienced.matches(Array(bytes.prefix(count)), following: NoLinks())
      }
    }
    var random = FuzzRandom(seed: FuzzRandom.printedSeed(for: "SearchVerifierTests"))
    var (answered, refused) = (0, 0)
    for _ in 0..<20_000 {
      var changed = bytes
      for _ in 0..<random.pick([1, 2, 5]) {
        changed[Int.random(in: 0..<changed.count, using: &random)] = random.pick(
          [0x22, 0x5C, 0x7B, 0x7D, 0x5B, 0x5D, 0x2C, 0x3A, 0x00, 0xFF, 0x20])
      }
      let fresh = try Self.verifier("subject=Patient/1")
      let answer = try? fresh.matches(changed, following: NoLinks())
      if answer == nil { refused += 1 } else { answered += 1 }
      // What came before changes no answer. (It may spare one a look at what is broken.)
      if let answer, let again = try? experienced.matches(changed, following: NoLinks()) {
        #expect(again == answer)
      }
    }
    #expect(answered > 0 && refused > 0, "one outcome only shows little")
  }
}
