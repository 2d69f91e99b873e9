import Audit
import Foundation
import Primitives
import Testing

struct AuditEventTests {
  /// Written down by hand from docs/format/audit-entry.md.
  @Test func theByteFormIsTheDocumentedOne() throws {
    let text =
      #"{"action":"R","actor":{"address":"192.0.2.7","agent":"peerchart/1","id":"0a1b","kind":"peer","name":"General Hospital"},"consents":["grant-7"],"counts":{"lab-results":3},"detail":{"query":"category=laboratory&code=\"é😀\"\n\u0001"},"entities":["Observation/1/_history/1","Observation/2/_history/4","Observation/x.3"],"id":"abababababababababababababababab","kind":"read","outcome":"success","patient":"p-1","purpose":"TREAT","request":"req-1","role":"clinician","time":"2026-03-03T09:30:00.000Z","version":1}"#
    let bytes = try Fixture.event().canonicalBytes()
    #expect(String(decoding: bytes, as: UTF8.self) == text)
    #expect(try AuditEvent(canonicalBytes: Array(text.utf8)) == Fixture.event())
  }

  @Test func randomEventsRoundTrip() throws {
    var random = SeededGenerator()
    for _ in 0..<2_000 {
      let event = Fixture.randomEvent(using: &random)
      let bytes = try event.canonicalBytes()
      #expect(try AuditEvent(canonicalBytes: bytes) == event, "seed \(random.seed)")
    }
  }

  @Test(arguments: [
    (#"{"action""#, #"{ "action""#), (#""kind":"read""#, #""kind":"Read""#),
    (#""kind":"read","#, ""), (#""version":1"#, #""version":2"#),
    (#""version":1"#, #""version":1.0"#), (#""version":1"#, #""version":01"#),
    (#""version":1"#, #""version":"1""#), (#""version":1}"#, #""version":1,"x":1}"#),
    (#""version":1}"#, #""version":1,"version":1}"#), (#""version":1}"#, #""version":1}}"#),
    (#""version":1}"#, #""version":1"#), (#""version":1}"#, "\"version\":1}\n"),
    (#""lab-results":3"#, #""lab-results":-0"#), (#""lab-results":3"#, #""lab-results":-1"#),
    (#""lab-results":3"#, #""lab-results":9007199254740992"#),
    (#""lab-results":3"#, #""lab-results":99999999999999999999"#),
    (#""lab-results":3"#, #""lab-results":true"#), (#""lab-results":3"#, #""lab results":3"#),
    (#"{"lab-results":3}"#, "{}"), (#"["grant-7"]"#, "[]"), (#"["grant-7"]"#, "[7]"),
    (#"["grant-7"]"#, #"["grant-7",]"#), (#"["grant-7"]"#, #"["grant 7"]"#),
    ("Hospital", #"\u0048ospital"#), ("Hospital", #"Hospit\/al"#), ("Hospital", "Hosp\tital"),
    ("Hospital", "Hosp\u{1}ital"), (#"\u0001"#, #"\u001"#), (#"\u0001"#, #"\u0008"#),
    (#"\u0001"#, #"\u00zz"#), (#"\u0001"#, #"\q"#), (#""outcome":"success""#, #""outcome":"ok""#),
    (".000Z", "Z"), (".000Z", ".000+00:00"), ("2026-03-03", "2026-02-30"), ("09:30:00", "09:29:60"),
    ("abababab", "ABABABAB"), ("abababab", ""), (#""kind":"peer""#, #""kind":"pear""#),
    (#""role":"clinician""#, #""role":"""#), (#""role":"clinician""#, #""role":null"#),
    (#""patient":"p-1","purpose":"TREAT""#, #""purpose":"TREAT","patient":"p-1""#),
  ])
  func otherFormsAreRefused(old: String, new: String) throws {
    let good = String(decoding: try Fixture.event().canonicalBytes(), as: UTF8.self)
    let bad = good.replacing(old, with: new)
    #expect(bad != good)
    #expect(throws: PeerChartError.self) { try AuditEvent(canonicalBytes: Array(bad.utf8)) }
  }

  @Test func newerEventsSayThatTheyAreNewer() throws {
    let good = String(decoding: try Fixture.event().canonicalBytes(), as: UTF8.self)
    for (old, new) in [(#""version":1"#, #""version":2"#), (#""kind":"read""#, #""kind":"new""#)] {
      let newer = good.replacing(old, with: new)
      #expect { try AuditEvent(canonicalBytes: Array(newer.utf8)) } throws: {
        ($0 as? PeerChartError)?.code == .unsupportedVersion
      }
    }
  }

  @Test func hostileInputIsRefusedQuietly() throws {
    let deep = String(repeating: "[", count: 60_000)
    let inputs = [
      "", "{", "[]", "1", "-", "\"", "\"\\", "\"\\u", "\"\\u00", "{\"a\"", "{\"a\":", "{\"a\":1,",
      "tru",
      deep, String(repeating: "{\"a\":", count: 10_000), "{\"a\":1}",
    ]
    for input in inputs {
      #expect(throws: PeerChartError.self) { try AuditEvent(canonicalBytes: Array(input.utf8)) }
    }
    #expect(throws: PeerChartError.self) { try AuditEvent(canonicalBytes: [0x22, 0xFF, 0x22]) }
    let long = [UInt8](repeating: 0x20, count: AuditLimits.eventBytes + 1)
    #expect { try AuditEvent(canonicalBytes: long) } throws: {
      ($0 as? PeerChartError)?.code == .tooLarge
    }
  }

  @Test func mutatedEventsNeverTrapAndRoundTrip() throws {
    var random = SeededGenerator()
    let words = [
      "\\u0000", "\\", "\"", "{", "}", "[", "]", ",", ":", "-", "1", "true", "\u{1F600}",
    ]
    for _ in 0..<20_000 {
      var input = try Fixture.event().canonicalBytes()
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<input.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: input[place] ^= 1 << Int.random(in: 0..<8, using: &random)
        case 1: input.remove(at: place)
        case 2: input[place] = UInt8(truncatingIfNeeded: random.next())
        default:
          input.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
        }
      }
      if let event = try? AuditEvent(canonicalBytes: input) {
        #expect(try event.canonicalBytes() == input, "seed \(random.seed)")
      }
    }
  }

  @Test func boundsAreChecked() {
    let long = String(repeating: "a", count: 2_001)
    let changes: [(String, (inout AuditEvent) -> Void)] = [
      ("actor.id", { $0.actor.id = "" }), ("actor.id", { $0.actor.id = long }),
      ("actor.name", { $0.actor.name = "a\nb" }), ("actor.address", { $0.actor.address = long }),
      ("actor.agent", { $0.actor.agent = long }), ("role", { $0.role = "front desk" }),
      ("patient", { $0.patient = "Anna Meier" }), ("entities", { $0.entities = ["a b"] }),
      ("entities", { $0.entities = Array(repeating: "a", count: 101) }),
      ("counts", { $0.counts = ["a": -1] }), ("counts", { $0.counts = ["": 1] }),
      ("purpose", { $0.purpose = "" }), ("consents", { $0.consents = [""] }),
      ("consents", { $0.consents = Array(repeating: "a", count: 33) }),
      ("reasons", { $0.reasons = ["not a code"] }), ("basis", { $0.basis = long }),
      ("emergency.code", { $0.emergency = AuditEmergency(code: "", text: "") }),
      ("emergency.text", { $0.emergency = AuditEmergency(code: "a", text: long) }),
      ("request", { $0.request = "" }), ("detail", { $0.detail = ["a": long] }),
      ("detail", { $0.detail = ["é": "a"] }),
      ("time", { $0.time = Instant(millisecondsSinceEpoch: .max) }),
      ("time", { $0.time = Instant(millisecondsSinceEpoch: .min) }),
    ]
    for (place, change) in changes {
      var event = Fixture.event()
      change(&event)
      #expect {
        try event.canonicalBytes()
      } throws: { error in
        (error as? PeerChartError)?.place == place
      }
    }
  }

  @Test func manyRecordsAreListedInPartAndCounted() throws {
    var event = Fixture.event()
    event.counts = [:]
    event.setEntities((0..<250).map { "Observation/\($0)" } + ["Condition/1"])
    #expect(event.entities.count == AuditLimits.entities)
    #expect(event.counts == ["Observation": 250, "Condition": 1])
    event.counts = [:]
    event.setEntities(["Observation/1"])
    #expect(event.entities == ["Observation/1"])
    #expect(event.counts.isEmpty)
  }

  @Test func textsFromOutsideAreClippedToFit() throws {
    var event = Fixture.event()
    event.actor.name = AuditLimits.clipped(
      "Dr.\u{0}\nLee" + String(repeating: "\u{1F600}\u{301}", count: 99))
    #expect(event.actor.name?.hasPrefix("Dr.  Lee") == true)
    #expect((250...256).contains(event.actor.name?.utf8.count ?? 0))
    #expect(throws: Never.self) { try event.canonicalBytes() }
    #expect(AuditLimits.clipped("") == nil)
    #expect(AuditLimits.clipped("é", to: 1) == nil)
    #expect(AuditLimits.clipped("né", to: 3) == "né")
  }

  @Test func printingAnEventTellsNothing() {
    let event = Fixture.event()
    for text in ["\(event)", String(reflecting: event), "\([event])"] {
      #expect(!text.contains("Hospital"))
      #expect(!text.contains("p-1"))
    }
    var dumped = ""
    dump(event, to: &dumped)
    #expect(!dumped.contains("Hospital"))
  }
}
