import Foundation
import Identity
import Primitives
import Testing

@Suite("SMART scopes")
struct SMARTScopeTests {
  @Test("scopes of version 1 are read as what they mean in version 2")
  func versionOne() throws {
    for (old, new) in [
      ("patient/Observation.read", "patient/Observation.rs"), ("user/*.write", "user/*.cud"),
      ("patient/*.*", "patient/*.cruds"), ("system/Patient.*", "system/Patient.cruds"),
    ] {
      #expect(try Scope(old).description == new)
    }
  }

  static let laboratory = "http://terminology.hl7.org/CodeSystem/observation-category|laboratory"

  @Test("a scope with a query has one form and covers no whole type")
  func conditions() throws {
    let scope = try Scope("patient/Observation.rs?status=final&category=\(Self.laboratory)")
    #expect(
      scope.description == "patient/Observation.rs?category=\(Self.laboratory)&status=final")
    #expect(try Scope(scope.description) == scope)
    #expect(!scope.allows("Observation", .read))
    let set = try ScopeSet(parsing: scope.description)
    #expect(!set.allows("Observation", .search))
    let condition = try #require(scope.condition)
    #expect(set.reach("Observation", .read) == .meeting([condition]))
    #expect(set.reach("Observation", .update) == .nothing)
    #expect(set.reach("Condition", .read) == .nothing)
    #expect(set.reach("Observation", .read, context: .user) == .nothing)
    let both = try ScopeSet(parsing: "\(scope) patient/Observation.r")
    #expect(both.reach("Observation", .read) == .everything)
    #expect(both.reach("Observation", .search) == .meeting([condition]))
    #expect(ScopeSet.none.reach("Observation", .read) == .nothing)
    #expect(!ScopeSet.none.allows("Observation", .read))
    let spaced = try Scope("patient/Observation.r?code=a%20b%7Cc,d")
    #expect(spaced.description == "patient/Observation.r?code=a%20b|c,d")
    #expect(spaced.condition?.parameters.first?.value == "a b|c,d")
  }

  @Test(
    "queries that do more than narrow, or are none",
    arguments: [
      "?", "?category", "?category=", "?=x", "?_include=a", "?_count=1", "?category:not=x",
      "?subject.name=x", "?_has:Group:member:_id=x", "?category=%", "?category=%zz", "?Category=x",
      "?category=%00", "?category=%FF", "?a--b=x", "?-a=x", "?category=x&&status=y",
      "?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1", "?\(String(repeating: "a", count: 65))=x",
    ])
  func refusedConditions(query: String) {
    #expect(throws: PeerChartError.self) { try Scope("patient/Observation.rs\(query)") }
  }

  @Test("what an app asks for: what is unknown is left out, what is broken is refused")
  func requested() throws {
    let asked = try SMARTScopes(
      requested: "openid fhirUser launch/patient profile offline_access patient/*.read x/y.z")
    #expect(asked.description == "launch/patient openid fhirUser offline_access patient/*.rs")
    #expect(try SMARTScopes(requested: "fhirUser").isEmpty)
    #expect(try SMARTScopes(requested: "").isEmpty)
    #expect(
      try SMARTScopes(requested: "offline_access online_access").words == [.onlineAccess])
    for bad in ["openid \"", "a\\b", "é", "a\tb", "a\u{0}"] {
      #expect(errorCode { _ = try SMARTScopes(requested: bad) } == .malformed)
    }
    #expect(
      errorCode { _ = try SMARTScopes(requested: String(repeating: "x ", count: 3000)) }
        == .tooLarge)
    #expect(throws: PeerChartError.self) { try SMARTScopes(granted: "openid profile") }
    let coded = try JSONDecoder().decode(SMARTScopes.self, from: JSONEncoder().encode(asked))
    #expect(coded == asked)
  }

  @Test("narrowing by type, by action, by condition, by behalf")
  func narrowing() throws {
    for (asked, chosen, granted) in [
      (
        "patient/*.rs", "patient/Observation.rs patient/Condition.r",
        "patient/Observation.rs patient/Condition.r"
      ),
      ("patient/*.cruds", "patient/*.rs", "patient/*.rs"),
      ("patient/*.rs", "user/*.rs", ""), ("openid patient/*.r", "patient/*.s", ""),
      ("patient/Observation.rs", "patient/*.rs?", "refused"),
      (
        "patient/Observation.rs", "patient/Observation.rs?category=a",
        "patient/Observation.rs?category=a"
      ),
      (
        "patient/Observation.rs?category=a", "patient/Observation.rs?status=b",
        "patient/Observation.rs?category=a&status=b"
      ),
      (
        "patient/Observation.rs patient/*.r", "patient/*.cruds",
        "patient/Observation.rs patient/*.r"
      ),
      ("patient/Observation.r patient/*.r", "patient/*.r", "patient/*.r"),
      ("openid fhirUser offline_access", "openid offline_access", "openid offline_access"),
      ("offline_access", "online_access", "online_access"),
      ("online_access", "offline_access", "online_access"),
      ("openid fhirUser", "fhirUser", ""),
    ] {
      guard let limit = try? SMARTScopes(granted: chosen) else {
        #expect(granted == "refused")
        continue
      }
      let result = try SMARTScopes(granted: asked).narrowed(to: limit)
      #expect(result.description == granted)
    }
  }

  /// Against what each scope means, spelled out for every behalf, type, action and kind of resource.
  @Test("what is granted allows nothing that was not asked for, nor chosen, and all that was both")
  func meaning() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("narrowing of scopes: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let asked = try Self.random(&generator)
      let chosen = try Self.random(&generator)
      let granted = try asked.narrowed(to: chosen)
      let both = Self.meaning(asked).intersection(Self.meaning(chosen))
      #expect(Self.meaning(granted) == both, "\(asked) within \(chosen) gave \(granted)")
      #expect(granted.isCovered(by: asked) && granted.isCovered(by: chosen))
      if asked.isCovered(by: chosen) {
        #expect(Self.meaning(asked).isSubset(of: Self.meaning(chosen)), "\(asked) in \(chosen)")
      }
    }
  }

  private static let queries = ["", "?category=a", "?status=b", "?category=a&status=b"]

  private static func random(_ generator: inout SeededGenerator) throws -> ScopeSet {
    let scopes = try (0..<Int.random(in: 1...4, using: &generator)).map { _ in
      let context = Bool.random(using: &generator) ? "patient" : "user"
      let letters = "cruds".filter { _ in Bool.random(using: &generator) }
      let actions = letters.isEmpty ? "r" : letters
      let type = ["*", "A", "B"][Int.random(in: 0..<3, using: &generator)]
      let query = type == "*" ? "" : queries[Int.random(in: 0..<4, using: &generator)]
      return try Scope("\(context)/\(type).\(actions)\(query)")
    }
    return try ScopeSet(scopes)
  }

  /// Behalf, type, action, and which of two properties the resource has.
  private struct Cell: Hashable {
    let context: String
    let type: String
    let action: Character
    let properties: Set<String>
  }

  private static func meaning(_ set: ScopeSet) -> Set<Cell> {
    var cells: Set<Cell> = []
    let kinds: [Set<String>] = [[], ["category=a"], ["status=b"], ["category=a", "status=b"]]
    for scope in set.scopes {
      let halves = scope.description.split(separator: "?")
      let wanted = Set(halves.dropFirst().flatMap { $0.split(separator: "&") }.map(String.init))
      for type in ["A", "B", "C"] where scope.type == nil || scope.type == type {
        for action in scope.actions {
          for properties in kinds where wanted.isSubset(of: properties) {
            cells.insert(
              Cell(
                context: scope.context.rawValue, type: type, action: action.rawValue,
                properties: properties))
          }
        }
      }
    }
    return cells
  }

  @Test("each scope has a sentence, the weighty ones first")
  func phrases() throws {
    let scopes = try SMARTScopes(
      granted: "openid launch/patient offline_access patient/Observation.rs?category=a "
        + "patient/*.rs user/Patient.cud")
    let phrases = scopes.phrases
    #expect(
      phrases.map(\.key) == [
        "scope.user.type", "scope.word.offline-access", "scope.patient.everything",
        "scope.word.launch-patient", "scope.word.openid", "scope.patient.some",
      ])
    #expect(phrases[0].verbs == [.add, .change, .delete])
    #expect(phrases[0].type == "Patient")
    #expect(phrases[0].weight == .writing)
    #expect(phrases[5].verbs == [.view])
    #expect(phrases[5].conditions.map(\.name) == ["category"])
    let again = try SMARTScopes(granted: phrases.map(\.scope).joined(separator: " "))
    #expect(Set(again.words) == Set(scopes.words))
    #expect(Set(again.resources.scopes) == Set(scopes.resources.scopes))
  }
}
