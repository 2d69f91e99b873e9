import Audit
import Foundation
import Testing

struct PatientViewTests {
  @Test func aReadUnderConsent() {
    let view = PatientView(Fixture.event()) { $0 == "grant-7" ? "of 2 March 2026" : nil }
    let sentence =
      "On 3 March 2026 at 09:30 UTC General Hospital read 3 lab results for treatment"
      + " under your consent of 2 March 2026."
    #expect(view.sentence == sentence)
  }

  @Test func otherDeeds() {
    var denied = Fixture.event(.decisionDeny)
    denied.purpose = "HMARKT"
    denied.reasons = ["purpose-mismatch", "brand-new-code"]
    denied.consents = []
    denied.counts = ["lab-results": 1, "vital-signs": 12, "made-up": 2]
    #expect(
      PatientView(denied).sentence
        == "On 3 March 2026 at 09:30 UTC General Hospital was refused 12 vital signs, 2 made up and"
        + " 1 lab result for marketing: the consent is for another purpose and brand new code.")

    var emergency = Fixture.event(.breakGlass)
    emergency.actor = AuditActor(kind: .workforce, id: "7", name: "Dr. Lee")
    emergency.role = "front-desk"
    emergency.consents = []
    emergency.counts = [:]
    emergency.entities = []
    emergency.purpose = "BTG"
    emergency.emergency = AuditEmergency(code: "unconscious", text: "found in the street")
    #expect(
      PatientView(emergency).sentence
        == "On 3 March 2026 at 09:30 UTC Dr. Lee (front desk) opened your chart in an emergency"
        + " without your consent because the patient was unconscious"
        + " (\u{201C}found in the street\u{201D}).")

    var own = Fixture.event(.write)
    own.action = .create
    own.actor = AuditActor(kind: .patient, id: "p-1", name: "Anna")
    own.counts = [:]
    own.consents = []
    own.purpose = nil
    own.entities = ["Observation/1", "Condition/2/_history/1"]
    own.outcome = .seriousFailure
    #expect(
      PatientView(own).sentence
        == "On 3 March 2026 at 09:30 UTC You added 1 problem and 1 observation; it did not succeed."
    )

    var lawful = Fixture.event(.disclosure)
    lawful.consents = []
    lawful.basis = "public-health"
    lawful.purpose = "PUBHLTH"
    #expect(
      PatientView(lawful).sentence
        == "On 3 March 2026 at 09:30 UTC General Hospital was given 3 lab results for public health"
        + " because the law allows it for public health.")

    var several = Fixture.event()
    several.consents = ["a", "b"]
    several.purpose = "NEW"
    #expect(
      PatientView(several).sentence.hasSuffix("for the purpose NEW under your consents a and b."))
  }

  @Test func everyKindOfEventMakesASentence() {
    var sentences: Set<String> = []
    for kind in AuditEventKind.allCases {
      let sentence = PatientView(Fixture.event(kind)).sentence
      #expect(sentence.hasPrefix("On 3 March 2026 at 09:30 UTC General Hospital "))
      #expect(sentence.hasSuffix("."))
      #expect(!sentence.contains("%"))
      sentences.insert(sentence)
    }
    #expect(sentences.count == AuditEventKind.allCases.count)
  }

  @Test func theJSONFormHoldsSentenceAndCodes() throws {
    let view = PatientView(Fixture.event())
    let object = try JSONSerialization.jsonObject(with: Data(view.json)) as? [String: Any]
    #expect(object?["sentence"] as? String == view.sentence)
    #expect(object?["kind"] as? String == "read")
    #expect(object?["who"] as? String == "General Hospital")
    #expect(object?["what"] as? String == "3 lab results")
    #expect(object?["why"] as? String == "for treatment")
    #expect(object?["consents"] as? [String] == ["grant-7"])
    #expect((object?["counts"] as? [String: Int]) == ["lab-results": 3])
  }
}
