import Audit
import Consent
import Exchange
import Identity
import Primitives
import Testing

@Suite("Training")
struct TrainingTests {
  @Test func theStaffSayOnceThatTheyAreTrained() async throws {
    let node = try await TestNode(.organization)
    try await node.store(Sample.patient("p"))
    let ada = try await Person(node, "ada", as: .staff([.clinician]))
    #expect(try await !ada.signedIn().isTrained)
    #expect(
      await outcome {
        try await node.exchange.sharedChart("none", as: ada.caller())
      } == "training-required")
    try await node.exchange.acknowledgeTraining(ada.signedIn(), from: ada.origin)
    #expect(try await ada.signedIn().isTrained)
    #expect(
      await outcome { try await node.exchange.sharedChart("none", as: ada.caller()) }
        == "not-found")
    let entry = try #require(try await node.log().last { $0.event.detail["change"] != nil })
    #expect(entry.event.detail["change"] == "training-acknowledged")
    let listed = try await node.exchange.accounts(as: node.owner)
    #expect(listed.map(\.trained) == [node.clock.now().description])
  }

  @Test func patientsHaveNothingToConfirm() async throws {
    let node = try await TestNode(.organization)
    try await node.store(Sample.patient("p"))
    let rowan = try await Person(node, "rowan", as: .patient("p"))
    #expect(
      await outcome {
        try await node.exchange.acknowledgeTraining(rowan.signedIn(), from: rowan.origin)
      } == "forbidden")
  }

  @Test func theDeskSeesWhoCanTreat() async throws {
    let node = try await TestNode(.organization)
    let desk = try await Person(node, "desk", as: .staff([.frontDesk]))
    _ = try await Person(node, "ada", as: .staff([.clinician, .privacyOfficer]))
    _ = try await Person(node, "max", as: .staff([.administrator]))
    let staff = try await node.exchange.careStaff(as: desk.caller())
    #expect(staff.map(\.roles) == [["clinician"]])
  }
}
