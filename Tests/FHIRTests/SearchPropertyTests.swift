import FHIR
import Foundation
import Testing

/// The index leaves nothing out, and the exact check agrees with a second opinion: on random
/// resources and queries, and on the corpus with every parameter of HL7's list.
@Suite struct SearchPropertyTests {
  /// A resource for the program and for the oracle, with its terms.
  private struct Subject {
    let resource: Resource
    let object: [String: Any]
    let terms: Set<IndexTerm>

    init(_ resource: Resource) throws {
      self.resource = resource
      let json = try JSONSerialization.jsonObject(with: Data(resource.bytes))
      object = try #require(json as? [String: Any])
      let terms = indexTerms(of: resource)
      self.terms = Set(terms)
      #expect(terms.count == self.terms.count, "a term twice")
    }
  }

  private struct Outcome {
    var matches = 0
    var served = 0
  }

  /// Compares one query on one resource; reports at most what fails.
  private func check(
    _ subject: Subject, _ query: SearchQuery, _ pairs: [(name: String, value: String)],
    _ oracle: SearchOracle, _ outcome: inout Outcome
  ) {
    let found = query.matches(subject.resource)
    let expected = pairs.allSatisfy { oracle.matches(subject.object, $0.name, $0.value) }
    if found != expected {
      let text = String(decoding: subject.resource.bytes.prefix(2000), as: UTF8.self)
      Issue.record("\(pairs) gives \(found), the oracle \(expected): \(text)")
    }
    guard found else { return }
    outcome.matches += 1
    for list in query.alternatives {
      outcome.served += 1
      if subject.terms.isDisjoint(with: list) {
        let text = String(decoding: subject.resource.bytes.prefix(2000), as: UTF8.self)
        Issue.record("\(pairs) matches, but the index does not find it: \(text)")
      }
    }
  }

  @Test func randomResourcesAndQueries() throws {
    var random = FuzzRandom(
      seed: FuzzRandom.printedSeed(for: "SearchPropertyTests.randomResourcesAndQueries"))
    let oracle = SearchOracle()
    let subjects = try (0..<300).map { _ in
      try Subject(SearchSupport.resource(SearchSamples.resource(&random)))
    }
    var outcome = Outcome()
    for _ in 0..<1500 {
      let type = random.pick(SearchSamples.types)
      var pairs = [SearchSamples.criterion(type, &random)]
      while random.chance(40), pairs.count < 4 {
        // Often a second bound on the same parameter.
        let next = SearchSamples.criterion(type, &random)
        pairs.append(random.chance(50) ? SearchSamples.dateCriterion(type, &random) : next)
      }
      let query = try SearchQuery(type: type, parameters: pairs)
      for subject in subjects where subject.resource.type == type {
        check(subject, query, pairs, oracle, &outcome)
      }
    }
    #expect(outcome.matches > 3000 && outcome.served > 1500, "too few matches to show anything")
  }

  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/corpus and shared/definitions"))
  func corpus() throws {
    var random = FuzzRandom(seed: FuzzRandom.printedSeed(for: "SearchPropertyTests.corpus"))
    let shared = try #require(SearchSupport.shared)
    let oracle = try SearchOracle(
      definitions: shared.appendingPathComponent("definitions/r4/search-parameters.json"))
    var byType: [String: [Resource]] = [:]
    for resource in try SearchSupport.corpus() {
      byType[resource.type, default: []].append(resource)
    }
    var outcome = Outcome()
    for (type, all) in byType.sorted(by: { $0.key < $1.key }) {
      let subjects = try all.shuffled(using: &random).prefix(20).map(Subject.init)
      for parameter in SearchParameterTable.standard.parameters(of: type) {
        for _ in 0..<12 {
          let like = random.pick(subjects)
          let pair = SearchSamples.criterion(parameter, like.terms, &random)
          let query = try SearchQuery(type: type, parameters: [pair])
          for subject in subjects { check(subject, query, [pair], oracle, &outcome) }
        }
      }
    }
    #expect(outcome.matches > 3000 && outcome.served > 1500, "too few matches to show anything")
  }

  /// What R4 defines and what the table offers are the same, type by type.
  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/definitions"))
  func tableIsComplete() throws {
    let shared = try #require(SearchSupport.shared)
    let oracle = try SearchOracle(
      definitions: shared.appendingPathComponent("definitions/r4/search-parameters.json"))
    for type in ResourceType.names {
      let published = (oracle.parameters[type] ?? [:]).mapValues(\.kind)
      var offered: [String: String] = [:]
      for parameter in SearchParameterTable.standard.parameters(of: type)
      where !parameter.name.hasPrefix("_") {
        offered[parameter.name] = parameter.kind.rawValue
      }
      #expect(offered == published, "\(type)")
    }
  }
}
