import FHIR
import Foundation
import SearchOracle
import Testing

/// The index leaves nothing out, and the exact check agrees with a second opinion: on random
/// resources and queries, and on the corpus with every parameter of HL7's list.
@Suite struct SearchPropertyTests {
  /// A resource for the program and for the oracle, with its terms.
  private struct Subject {
    let resource: Resource
    let plain: OracleRecord
    let terms: Set<IndexTerm>

    init(_ resource: Resource) throws {
      self.resource = resource
      plain = OracleRecord(resource.bytes)
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
    _ subject: Subject, _ verifier: SearchVerifier, _ pairs: [(name: String, value: String)],
    _ oracle: SearchOracle, _ outcome: inout Outcome
  ) {
    let query = verifier.query
    let found = query.matches(subject.resource)
    let expected = pairs.allSatisfy { oracle.matches(subject.plain, $0.name, $0.value) }
    if found != expected {
      let text = String(decoding: subject.resource.bytes.prefix(2000), as: UTF8.self)
      Issue.record("\(pairs) gives \(found), the oracle \(expected): \(text)")
    }
    // Reading only what the query looks at, and what was not the same before, must come to the same.
    for _ in 0..<2 {
      let again = try? verifier.matches(subject.resource.bytes, following: NoLinks())
      #expect(again == found, "\(pairs) after others")
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
    var random = OracleRandom(
      seed: OracleRandom.printedSeed(for: "SearchPropertyTests.randomResourcesAndQueries"))
    let oracle = SearchOracle()
    let questions = SearchQuestions(oracle: oracle)
    let subjects = try (0..<400).map { _ in
      try Subject(SearchSupport.resource(SearchSamples.resource(&random)))
    }
    var outcome = Outcome()
    for _ in 0..<4000 {
      let like = random.pick(subjects)
      let type = like.resource.type
      let names = [oracle.parameters[type] ?? [:], oracle.parameters["Resource"] ?? [:]]
        .flatMap(\.keys).sorted()
      var pairs = [questions.criterion(random.pick(names), like: like.plain, &random)].compactMap {
        $0
      }
      while random.chance(40), pairs.count < 4 {
        // Often a second bound on the same parameter.
        let next = questions.criterion(random.pick(names), like: like.plain, &random)
        pairs.append(
          random.chance(50) ? SearchSamples.dateCriterion(type, &random) : next ?? pairs[0])
      }
      let verifier = SearchVerifier(try SearchQuery(type: type, parameters: pairs))
      for subject in subjects where subject.resource.type == type {
        check(subject, verifier, pairs, oracle, &outcome)
      }
    }
    #expect(outcome.matches > 5000 && outcome.served > 3000, "too few matches to show anything")
  }

  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/corpus and shared/definitions"))
  func corpus() throws {
    var random = OracleRandom(seed: OracleRandom.printedSeed(for: "SearchPropertyTests.corpus"))
    let oracle = try SearchOracle(definitions: try #require(SearchSupport.definitions))
    let questions = SearchQuestions(oracle: oracle)
    var byType: [String: [Resource]] = [:]
    for resource in try SearchSupport.corpus() {
      byType[resource.type, default: []].append(resource)
    }
    var outcome = Outcome()
    for (type, all) in byType.sorted(by: { $0.key < $1.key }) {
      let subjects = try all.shuffled(using: &random).prefix(14).map(Subject.init)
      for parameter in SearchParameterTable.standard.parameters(of: type) {
        for _ in 0..<10 {
          let like = random.pick(subjects)
          guard let pair = questions.criterion(parameter.name, like: like.plain, &random) else {
            Issue.record("the oracle does not know \(type) \(parameter.name)")
            break
          }
          let verifier = SearchVerifier(try SearchQuery(type: type, parameters: [pair]))
          for subject in subjects { check(subject, verifier, [pair], oracle, &outcome) }
        }
      }
    }
    #expect(outcome.matches > 5000 && outcome.served > 3000, "too few matches to show anything")
  }

  /// What R4 and US Core define and what the table offers are the same, type by type.
  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/definitions"))
  func tableIsComplete() throws {
    let oracle = try SearchOracle(definitions: try #require(SearchSupport.definitions))
    for type in ResourceType.names {
      var published = (oracle.parameters[type] ?? [:]).mapValues(\.kind)
      published.merge((oracle.parameters["Resource"] ?? [:]).mapValues(\.kind)) { first, _ in first
      }
      var offered: [String: String] = [:]
      for parameter in SearchParameterTable.standard.parameters(of: type) {
        offered[parameter.name] = parameter.kind.rawValue
      }
      #expect(offered == published, "\(type)")
    }
  }

  /// Compartments as HL7 lists them, over all resources of the corpus.
  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/corpus and shared/definitions"))
  func compartments() throws {
    let oracle = try SearchOracle(definitions: try #require(SearchSupport.definitions))
    var found = 0
    for resource in try SearchSupport.corpus() {
      let subject = try Subject(resource)
      for compartment in Compartment.allCases {
        let names = oracle.compartments[compartment.rawValue]?[resource.type] ?? []
        let targets = Set(
          names.flatMap { name -> [String] in
            guard let parameter = oracle.parameter(name, of: resource.type) else { return [] }
            return subject.plain.items(parameter.expression).flatMap(\.references)
          })
        let own = targets.filter { $0.hasPrefix(compartment.rawValue + "/") }
          .compactMap { $0.split(separator: "/").dropFirst().first.map(String.init) }
        for id in Set(own).union(["nobody"]) {
          let membership = try #require(CompartmentMembership(compartment, id: id))
          let query = try SearchQuery(type: resource.type, parameters: [], in: membership)
          #expect(
            query.matches(resource) == own.contains(id), "\(resource.type) \(compartment) \(id)")
          guard own.contains(id) else { continue }
          found += 1
          #expect(query.alternatives.allSatisfy { !subject.terms.isDisjoint(with: $0) })
        }
      }
    }
    #expect(found > 3000)
  }
}
