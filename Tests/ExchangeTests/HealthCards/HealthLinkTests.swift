import Audit
import ClinicalFormats
import Consent
import Exchange
import FHIR
import Foundation
import Primitives
import Testing

@Suite struct HealthLinkTests {
  private func ask(
    _ scene: CardScene, _ token: String, passcode: String? = nil, embedded: Int? = nil
  ) async throws -> HealthLinkAnswer {
    let request = try HealthLinkRequest(
      recipient: "Dr. Example", passcode: passcode.map { Redacted($0) }, embeddedLimit: embedded)
    return try await scene.exchange.linkManifest(
      token, request, base: CardScene.address, for: CardScene.visitor)
  }

  @Test(arguments: TestEngine.allCases)
  func aLinkHoldsTheSummaryAndACard(engine: TestEngine) async throws {
    let scene = try await CardScene(engine)
    var order = scene.link()
    order.records = ["Immunization/i"]
    order.label = "For the visit"
    let made = try await scene.exchange.createLink(order, as: scene.node.owner)
    let link = try HealthLink(parsing: made.text.exposed)
    #expect(link.flags.isEmpty && link.label == "For the visit")
    #expect(link.address.utf8.count <= HealthLink.maximumAddress)
    let token = try CardScene.token(made.text)
    let files = try CardScene.files(try await ask(scene, token), made.text)
    #expect(files.map(\.contentType) == [HealthLinkFile.fhir, HealthCardText.mediaType])
    let summary = try ResourceBundle(parsing: files[0].content)
    #expect(summary.kind == .document)
    #expect(try await scene.exchange.verifyCards(files[1].content).first?.isVerified == true)
    // Whoever opened it is in the patient's log.
    let opened = try await scene.node.log().map(\.event).filter {
      $0.kind == .disclosure && $0.detail["health-link"] == made.id
    }
    #expect(opened.map { $0.detail["recipient"] } == ["Dr. Example"])
    #expect(opened.first?.patient == "Patient/p")
    let listed = try await scene.exchange.healthLinks(of: "p", as: scene.node.owner)
    #expect(listed.map(\.openings) == [1] && listed.first?.state == .active)
    #expect(
      try await scene.exchange.linkText(made.id, as: scene.node.owner).text.exposed
        == made.text.exposed)
    // Revoked, it is gone with the next request.
    try await scene.exchange.revokeLink(made.id, as: scene.node.owner)
    #expect(await outcome { try await ask(scene, token) } == "not-found")
    #expect(
      await outcome { try await scene.exchange.revokeLink(made.id, as: scene.node.owner) }
        == "conflict")
    #expect(
      await outcome { try await scene.exchange.linkText(made.id, as: scene.node.owner) }
        == "conflict")
    #expect(try await scene.exchange.verifyAudit { _ in }.verified)
  }

  @Test(arguments: TestEngine.allCases)
  func wrongPasscodesRunOutExactlyAtTheirCap(engine: TestEngine) async throws {
    let scene = try await CardScene(engine)
    let made = try await scene.exchange.createLink(
      scene.link("right one", cap: 7), as: scene.node.owner)
    let token = try CardScene.token(made.text)
    // Nothing is counted for whoever shows none, or the right one.
    guard case .wrongPasscode(7) = try await ask(scene, token) else {
      Issue.record("no passcode is no try")
      return
    }
    #expect(try await !CardScene.files(ask(scene, token, passcode: "right one"), made.text).isEmpty)
    let answers = await withTaskGroup(of: HealthLinkAnswer?.self) { group in
      for number in 0..<50 {
        group.addTask { try? await ask(scene, token, passcode: "wrong \(number)") }
      }
      return await group.reduce(into: [HealthLinkAnswer?]()) { $0.append($1) }
    }
    let told = answers.compactMap { answer -> Int64? in
      if case .wrongPasscode(let remaining)? = answer { remaining } else { nil }
    }
    #expect(told.sorted() == [0, 1, 2, 3, 4, 5, 6])
    #expect(answers.count { $0 == nil } == 43)
    #expect(await outcome { try await ask(scene, token, passcode: "right one") } == "not-found")
    let listed = try await scene.exchange.healthLinks(of: "p", as: scene.node.owner)
    #expect(listed.map(\.state) == [.exhausted] && listed.map(\.wrongPasscodes) == [7])
    #expect(listed.map(\.openings) == [1])
  }

  @Test func aLinkEndsWithItsTimeAndWithItsChart() async throws {
    let scene = try await CardScene()
    var order = scene.link()
    order.seconds = 900
    let short = try CardScene.token(
      try await scene.exchange.createLink(order, as: scene.node.owner).text)
    let long = try await scene.exchange.createLink(scene.link(), as: scene.node.owner)
    #expect(await outcome { try await ask(scene, short) } == "ok")
    scene.node.clock.advance(seconds: 900)
    #expect(await outcome { try await ask(scene, short) } == "not-found")
    let token = try CardScene.token(long.text)
    #expect(await outcome { try await ask(scene, token) } == "ok")
    try await scene.exchange.destroyChart(of: "p", as: scene.node.owner)
    #expect(await outcome { try await ask(scene, token) } == "not-found")
    #expect(
      await outcome { try await scene.exchange.linkText(long.id, as: scene.node.owner) } != "ok")
  }

  @Test func filesBesideTheManifestAreGoodForMinutes() async throws {
    let scene = try await CardScene()
    let made = try await scene.exchange.createLink(scene.link("1234"), as: scene.node.owner)
    let token = try CardScene.token(made.text)
    guard case .manifest(let bytes) = try await ask(scene, token, passcode: "1234", embedded: 10),
      case .location(let address)? = try HealthLinkManifest(parsing: bytes).files.first?.place
    else {
      Issue.record("the file is not beside the manifest")
      return
    }
    let prefix = "\(CardScene.address)/shl/\(token)/"
    #expect(address.hasPrefix(prefix))
    let location = String(address.dropFirst(prefix.count))
    func fetch(_ location: String) async throws -> HealthLinkAnswer {
      try await scene.exchange.linkFile(token, location: location, for: CardScene.visitor)
    }
    guard case .file(let sealed) = try await fetch(location) else {
      Issue.record("there is no file")
      return
    }
    let link = try HealthLink(parsing: made.text.exposed)
    #expect(try HealthLinkFile(opening: sealed, with: link.key).contentType == HealthLinkFile.fhir)
    for other in ["", "0", "1" + location.dropFirst(), location + "0", "0-99999999999-00"] {
      #expect(await outcome { try await fetch(String(other)) } == "not-found", "\(other)")
    }
    scene.node.clock.advance(seconds: 600)
    #expect(await outcome { try await fetch(location) } == "not-found")
  }

  @Test func directLinksHaveOneFileAndNoManifest() async throws {
    let scene = try await CardScene()
    var order = scene.link()
    order.isDirect = true
    let made = try await scene.exchange.createLink(order, as: scene.node.owner)
    let token = try CardScene.token(made.text)
    #expect(try HealthLink(parsing: made.text.exposed).flags == [.direct])
    guard case .file = try await scene.exchange.linkFile(token, for: CardScene.visitor) else {
      Issue.record("there is no file")
      return
    }
    #expect(await outcome { try await ask(scene, token) } == "not-found")
    let plain = try CardScene.token(
      try await scene.exchange.createLink(scene.link(), as: scene.node.owner).text)
    #expect(
      await outcome { try await scene.exchange.linkFile(plain, for: CardScene.visitor) }
        == "not-found")
    order.passcode = Redacted("1234")
    #expect(
      await outcome { try await scene.exchange.createLink(order, as: scene.node.owner) }
        == "invalid")
  }

  @Test func longTermLinksFollowTheChart() async throws {
    let scene = try await CardScene()
    var order = scene.link()
    order.isLongTerm = true
    let made = try await scene.exchange.createLink(order, as: scene.node.owner)
    let token = try CardScene.token(made.text)
    func content() async throws -> String {
      let files = try CardScene.files(try await ask(scene, token), made.text)
      return String(decoding: files.first?.content ?? [], as: UTF8.self)
    }
    try await scene.node.store(Sample.allergy("new", of: "p"))
    #expect(try await !content().contains("91936005"))
    try await scene.exchange.renewLink(
      made.id, base: CardScene.address, as: scene.node.owner)
    #expect(try await content().contains("91936005"))
    let plain = try await scene.exchange.createLink(scene.link(), as: scene.node.owner)
    #expect(
      await outcome {
        try await scene.exchange.renewLink(
          plain.id, base: CardScene.address, as: scene.node.owner)
      } == "conflict")
  }

  @Test func onlyWhoDecidesMakesAndSeesLinks() async throws {
    let scene = try await CardScene()
    let patient = try await scene.node.bearer(.patient, purpose: .patientRequest, treats: ["p"])
    let made = try await scene.exchange.createLink(scene.link(), as: patient)
    let other = try await scene.node.bearer(.patient, purpose: .patientRequest, treats: ["q"])
    let nurse = try await scene.node.bearer(.nurse, treats: ["p"])
    for caller in [other, nurse] {
      #expect(
        await outcome { try await scene.exchange.createLink(scene.link(), as: caller) }
          == "forbidden")
      #expect(
        await outcome { try await scene.exchange.healthLinks(of: "p", as: caller) } == "forbidden")
      for missing in [made.id, String(repeating: "0", count: 32), "", "x"] {
        #expect(
          await outcome { try await scene.exchange.linkText(missing, as: caller) } == "not-found")
        #expect(
          await outcome { try await scene.exchange.revokeLink(missing, as: caller) } == "not-found")
      }
    }
  }
}
