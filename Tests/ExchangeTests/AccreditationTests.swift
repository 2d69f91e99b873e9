import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

/// A household learns from an accreditor whose word it takes that a hospital is one.
@Suite("Organizations, verified")
struct OrganizationAccreditationTests {
  private struct Scene {
    let home: TestNode
    let hospital: TestNode
    let board: TestNode

    func statement(about node: NodeID, seconds: Int64 = 86_400) async throws -> String {
      let npi = try #require(NationalProviderIdentifier("1234567893"))
      return try await board.exchange.accredit(
        AccreditationStatement(
          organization: "Exampleville General", npi: npi, node: node, lifetime: seconds,
          at: board.clock.now()), as: board.owner)
    }

    /// The hospital asks for something, and the household has what it says of itself.
    func ask() async throws -> PeerSummary {
      _ = try await hospital.exchange.requestAccess(
        AccessRequestDraft(
          patient: PatientHint(id: "p"), types: RecordTypeSet(.allergies), purpose: .treatment,
          seconds: 3600, reason: "A visit"), from: home.id, as: hospital.owner)
      _ = try await hospital.exchange.deliverDue(using: LoopTransport(from: hospital, to: home))
      return try #require(try await home.exchange.peers().first)
    }
  }

  private func scene() async throws -> Scene {
    let (home, hospital) = try await pairOfNodes()
    return Scene(
      home: home, hospital: hospital,
      board: try await TestNode(.organization, name: "State board", clock: home.clock))
  }

  @Test func whatAnAccreditorSaysIsShownWhereItsWordIsTaken() async throws {
    let scene = try await scene()
    #expect(try await scene.ask().accreditation == nil)
    let kept = try await scene.hospital.exchange.keepAccreditation(
      scene.statement(about: scene.hospital.id), as: scene.hospital.owner)
    #expect(kept.npi.description == "1234567893")
    // The household has it, and does not know whose word it is.
    #expect(try await scene.ask().accreditation == nil)
    let trusted = try await scene.home.exchange.trustAccreditor(
      scene.board.exchange.asAccreditor.json, as: scene.home.owner)
    let shown = try #require(try await scene.home.exchange.peers().first?.accreditation)
    #expect(shown.organization == "Exampleville General" && shown.by == "State board")
    #expect(shown.npi == "1234567893")
    // Trust that ends, ends at once; so does the statement's time.
    try await scene.home.exchange.removeAccreditor(trusted.id, as: scene.home.owner)
    #expect(try await scene.home.exchange.peers().first?.accreditation == nil)
    _ = try await scene.home.exchange.trustAccreditor(
      scene.board.exchange.asAccreditor.json, as: scene.home.owner)
    #expect(try await scene.home.exchange.peers().first?.accreditation != nil)
    scene.home.clock.advance(seconds: 86_400 + 120)
    #expect(try await scene.home.exchange.peers().first?.accreditation == nil)
  }

  @Test func aStatementAboutAnotherNodeSaysNothing() async throws {
    let scene = try await scene()
    let foreign = try await scene.statement(about: scene.home.id)
    #expect(
      await outcome {
        try await scene.hospital.exchange.keepAccreditation(foreign, as: scene.hospital.owner)
      } == "invalid")
    #expect(
      await outcome {
        try await scene.hospital.exchange.keepAccreditation("x.y.z", as: scene.hospital.owner)
      } == "malformed")
    #expect(
      await outcome {
        try await scene.home.exchange.removeAccreditor("nobody", as: scene.home.owner)
      } == "not-found")
  }

  @Test func whoRunsTheNodeDecidesWhoseWordIsTaken() async throws {
    let scene = try await scene()
    let nurse = try await Person(scene.hospital, "nurse", as: .staff([.nurse])).caller()
    #expect(
      await outcome {
        try await scene.hospital.exchange.trustAccreditor(
          scene.board.exchange.asAccreditor.json, as: nurse)
      } == "forbidden")
    #expect(
      await outcome { try await scene.hospital.exchange.accreditors(as: nurse) } == "forbidden")
    #expect(
      await outcome { try await scene.hospital.exchange.careStaff(as: nurse) } == "forbidden")
  }
}
