import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import Testing

/// Scopes with a query: they open the records that meet it, in whatever way these are asked for.
@Suite struct ScopeLimitTests {
  private static let laboratory = "patient/Observation.rs?category=laboratory"

  private func observation(_ id: String, category: String, code: String = "8867-4") -> String {
    #"{"resourceType":"Observation","id":"\#(id)","status":"final","category":[{"coding":[{"code":"\#(category)"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"\#(code)"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-01-10"}"#
  }

  private func person() async throws -> Person {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    for (id, category) in [
      ("lab1", "laboratory"), ("lab2", "laboratory"), ("vital", "vital-signs"),
    ] {
      _ = try await node.exchange.update(
        "Observation", id: id, Array(observation(id, category: category).utf8), expecting: .any,
        as: node.owner)
    }
    return try await Person(node, "rowan", as: .patient("p"))
  }

  private func caller(_ person: Person, _ scope: String) async throws -> Caller {
    let app = try await App(person.node)
    let answer = try await app.redeem(app.code(person, scope))
    return try await app.caller(App.text("access_token", in: answer))
  }

  private func ids(_ page: ResourcePage) -> [String] { page.resources.map(\.id).sorted() }

  @Test func aQueryDecidesWhatIsFoundCountedAndIncluded() async throws {
    let person = try await person()
    let exchange = person.node.exchange
    let app = try await caller(person, Self.laboratory + " patient/Patient.rs")
    func search(_ type: String, _ query: [(String, String)]) async throws -> ResourcePage {
      try await exchange.search(type, query: query, strict: true, as: app)
    }
    let all = try await search("Observation", [("_total", "accurate"), ("_sort", "_id")])
    #expect(ids(all) == ["lab1", "lab2"] && all.total == 2)
    #expect(try await search("Observation", [("_summary", "count")]).total == 2)
    #expect(try await ids(search("Observation", [("category", "vital-signs")])).isEmpty)
    #expect(try await ids(search("Observation", [("_id", "vital")])).isEmpty)
    let drawn = try await search("Patient", [("_revinclude", "Observation:subject")])
    #expect(drawn.included.map(\.id).sorted() == ["lab1", "lab2"])
    #expect(
      try await ids(search("Patient", [("_has:Observation:subject:category", "vital-signs")]))
        .isEmpty)
    #expect(
      try await ids(search("Patient", [("_has:Observation:subject:category", "laboratory")]))
        == ["p"])
    let latest = try await exchange.lastObservations([("patient", "p")], most: 9, as: app)
    #expect(ids(latest) == ["lab1", "lab2"])
    let everything = try await exchange.everything(
      of: "p", EverythingRequest(), cursor: nil, count: nil, query: [], as: app)
    #expect(ids(everything) == ["lab1", "lab2", "p"])
    let changes = try await exchange.history(
      "Observation", since: nil, cursor: nil, count: nil, query: [], as: app)
    #expect(ids(changes) == ["lab1", "lab2"])
  }

  @Test func aQueryDecidesWhatIsRead() async throws {
    let person = try await person()
    let exchange = person.node.exchange
    let app = try await caller(person, Self.laboratory)
    let isRead = await outcome { try await exchange.read("Observation", id: "lab1", as: app) }
    #expect(isRead == "ok")
    for id in ["vital", "nothing"] {
      #expect(
        await outcome { try await exchange.read("Observation", id: id, as: app) } == "forbidden")
      #expect(
        await outcome {
          try await exchange.history("Observation", id: id, cursor: nil, count: nil, as: app)
        } == "forbidden")
    }
    // What a record was is not what it is: the version before it was a laboratory's stays closed.
    _ = try await exchange.update(
      "Observation", id: "vital", Array(observation("vital", category: "laboratory").utf8),
      expecting: .any, as: person.node.owner)
    #expect(await outcome { try await exchange.read("Observation", id: "vital", as: app) } == "ok")
    #expect(
      await outcome { try await exchange.read("Observation", id: "vital", version: 1, as: app) }
        == "forbidden")
  }

  @Test func aScopeWithAQueryWritesNothingAndTakesNoChartOut() async throws {
    let person = try await person()
    let exchange = person.node.exchange
    let app = try await caller(person, "patient/Observation.cruds?category=laboratory")
    let json = Array(observation("lab1", category: "laboratory").utf8)
    #expect(app.scopes?.description == Self.laboratory)
    #expect(
      await outcome {
        try await exchange.update("Observation", id: "lab1", json, expecting: .any, as: app)
      } == "forbidden")
    #expect(
      await outcome {
        try await exchange.delete("Observation", id: "lab1", expecting: .any, as: app)
      }
        == "forbidden")
  }

  @Test func whatCannotBeDecidedOnARecordIsNotGranted() async throws {
    let person = try await person()
    let app = try await App(person.node)
    let visitor = try await person.signedIn()
    let step = try await person.node.exchange.authorize(
      app.request(
        "\(Self.laboratory) patient/Observation.rs?nonsense=1 patient/Condition.cud?code=x"),
      visitor: visitor, at: App.server)
    guard case .decide(let prompt) = step else {
      Issue.record("nothing was asked")
      return
    }
    #expect(prompt.phrases.map(\.scope) == [Self.laboratory])
    #expect(
      await oauthOutcome {
        try await person.node.exchange.authorize(
          app.request("patient/Observation.rs?nonsense=1"), visitor: visitor, at: App.server)
      } == "invalid_scope")
  }

  @Test func theWiderOfTwoScopesCounts() async throws {
    let person = try await person()
    let app = try await caller(person, "\(Self.laboratory) patient/Observation.r")
    let exchange = person.node.exchange
    #expect(await outcome { try await exchange.read("Observation", id: "vital", as: app) } == "ok")
    let found = try await exchange.search("Observation", query: [], strict: true, as: app)
    #expect(ids(found) == ["lab1", "lab2"])
  }
}
