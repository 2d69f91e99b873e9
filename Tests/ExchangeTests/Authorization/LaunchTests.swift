import Exchange
import Foundation
import Identity
import Primitives
import Testing

/// Apps that are opened out of a session.
@Suite struct LaunchTests {
  private static let metadata =
    #"{"client_name":"Opened","redirect_uris":["\#(App.redirect)"],"initiate_login_uri":"https://app.example/launch?from=here","token_endpoint_auth_method":"none"}"#

  private let node: TestNode
  private let person: Person
  private let app: App

  init() async throws {
    node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"), Sample.patient("q"))
    person = try await Person(node, "rowan", as: .patient("p"))
    app = try await App(node, Self.metadata)
    try await node.exchange.offerClient(app.id, true, as: node.owner)
  }

  private func launch(_ person: Person, chart: String? = nil) async throws -> String {
    let place = try await node.exchange.launch(
      app.id, patient: chart, as: person.signedIn(), at: App.server)
    let items = URLComponents(string: place)?.queryItems ?? []
    #expect(place.hasPrefix("https://app.example/launch?from=here&iss="))
    #expect(items.first { $0.name == "iss" }?.value == App.server.fhirBase)
    return try #require(items.first { $0.name == "launch" }?.value)
  }

  private func ask(_ app: App, _ launch: String, as person: Person) async throws -> String {
    let visitor = try await person.signedIn()
    return await oauthOutcome {
      try await node.exchange.authorize(
        app.request("launch patient/Observation.rs", ["launch": launch]), visitor: visitor,
        at: App.server)
    }
  }

  @Test func aLaunchIsForOneAppAndOnePerson() async throws {
    let launch = try await launch(person)
    #expect(try await ask(app, launch, as: person) == "ok")
    let other = try await App(node)
    #expect(try await ask(other, launch, as: person) == "invalid_request")
    let stranger = try await Person(node, "hazel", as: .patient("q"))
    #expect(try await ask(app, launch, as: stranger) == "invalid_request")
  }

  @Test func aLaunchThatTakesTooLongIsNone() async throws {
    let launch = try await launch(person)
    node.clock.advance(seconds: 299)
    #expect(try await ask(app, launch, as: person) == "ok")
    node.clock.advance(seconds: 2)
    #expect(try await ask(app, launch, as: person) == "invalid_request")
  }

  @Test func aLaunchIsUsedOnceByTheDecisionThatRestsOnIt() async throws {
    let launch = try await launch(person)
    let visitor = try await person.signedIn()
    let request = try app.request("launch patient/Observation.rs", ["launch": launch])
    func prompt() async throws -> AuthorizationPrompt? {
      let step = try await node.exchange.authorize(request, visitor: visitor, at: App.server)
      guard case .decide(let prompt) = step else { return nil }
      return prompt
    }
    // Two tabs ask; one decides.
    let first = try #require(try await prompt())
    let second = try #require(try await prompt())
    func decide(_ prompt: AuthorizationPrompt) async -> String {
      await oauthOutcome {
        try await node.exchange.decide(
          prompt.ticket, chosen: prompt.phrases.map(\.scope), as: prompt.capacities[0], visitor,
          at: App.server, from: person.origin)
      }
    }
    #expect(await decide(first) == "ok")
    #expect(await decide(second) == "invalid_request")
  }

  @Test func onlyWhatIsOfferedIsOpenedAndOnlyForOnesOwnChart() async throws {
    let visitor = try await person.signedIn()
    #expect(try await node.exchange.launchableApps(for: visitor).map(\.id) == [app.id])
    #expect(
      await outcome {
        try await node.exchange.launch(app.id, patient: "q", as: visitor, at: App.server)
      } == "invalid")
    let plain = try await App(node)
    #expect(
      await outcome { try await node.exchange.offerClient(plain.id, true, as: node.owner) }
        == "invalid")
    try await node.exchange.offerClient(app.id, false, as: node.owner)
    #expect(try await node.exchange.launchableApps(for: visitor).isEmpty)
    #expect(
      await outcome {
        try await node.exchange.launch(app.id, patient: nil, as: visitor, at: App.server)
      } == "not-found")
  }
}
