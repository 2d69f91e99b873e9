import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import SearchOracle
import Testing

/// Random searches through the whole engine: the store, the index over ciphertext, the planner, links,
/// order, pages and access rules, against an oracle that filters the plaintext.
///
/// `PEERCHART_FULL=1` asks 20,000 queries over all patients of the corpus as the node's operator, and as
/// many under random consents. The seed is printed; `PEERCHART_SEED` repeats a run.
@Suite(.serialized, .enabled(if: SearchFiles.isThere, "\(SearchFiles.absence)"))
struct SearchEngineTests {
  /// A part of the corpus on a node of its own.
  struct Share: Sendable, CustomTestStringConvertible {
    let engine: TestEngine
    let kind: NodeKind
    /// Which of the patients, of how many shares.
    let number: Int
    let shares: Int
    let searches: Int
    let situations: Int

    var testDescription: String { "\(engine) \(kind) \(number + 1)/\(shares)" }

    static let all: [Share] = {
      let engines = TestEngine.allCases
      guard SearchFiles.isFull else {
        return engines.map { engine in
          let isFirst = engine == .sqlite
          return Share(
            engine: engine, kind: isFirst ? .organization : .household, number: isFirst ? 0 : 1,
            shares: 10, searches: isFirst ? 700 : 200, situations: isFirst ? 8 : 4)
        }
      }
      return (0..<4).map { number in
        Share(
          engine: number == 3 ? engines[engines.count - 1] : .sqlite,
          kind: number.isMultiple(of: 2) ? .organization : .household, number: number, shares: 4,
          searches: 5000, situations: 25)
      }
    }()
  }

  @Test(arguments: Share.all)
  func randomSearches(share: Share) async throws {
    var random = OracleRandom(
      seed: OracleRandom.printedSeed(
        for: "SearchEngineTests.randomSearches \(share.testDescription)"))
    let scene = try await SearchFiles.scene(share, &random)
    let world = scene.everything
    let maker = QueryMaker(world)
    let trial = SearchTrial(scene, "operator", scene.node.owner, world)
    for _ in 0..<share.searches { try await trial.check(maker.query(&random), &random) }
    print(
      "\(share.testDescription): \(trial.searches) searches over \(scene.records.count) resources, "
        + "\(trial.withMatches) with matches, \(trial.pages) pages, \(trial.included) included, "
        + "\(trial.differences) differences")
    #expect(trial.differences == 0)
    #expect(trial.withMatches * 3 > trial.searches, "too few matches to show anything")
    #expect(trial.included > 0 && trial.pages > trial.searches)
  }

  @Test(arguments: Share.all)
  func randomConsents(share: Share) async throws {
    var random = OracleRandom(
      seed: OracleRandom.printedSeed(
        for: "SearchEngineTests.randomConsents \(share.testDescription)"))
    let scene = try await SearchFiles.scene(share, &random)
    let access = try await RandomAccess(scene)
    var (searches, withMatches, seen, differences) = (0, 0, 0, 0)
    for _ in 0..<share.situations {
      try await access.change(&random)
      try await scene.refresh()
      let maker = QueryMaker(scene.everything)
      let situation = try await access.situation(&random)
      let readable = try await scene.readable(by: situation.reader)
      let world = scene.world(of: readable, where: situation.isOpen)
      seen += readable.count
      let trial = SearchTrial(
        scene, situation.name, situation.searcher, world, where: situation.isOpen)
      for _ in 0..<share.searches / share.situations {
        try await trial.check(maker.query(&random), &random)
      }
      searches += trial.searches
      withMatches += trial.withMatches
      differences += trial.differences
    }
    print(
      "\(share.testDescription): \(searches) searches in \(share.situations) situations, "
        + "\(seen / share.situations) of \(scene.records.count) resources open on average, "
        + "\(withMatches) with matches, \(differences) differences")
    #expect(differences == 0)
    #expect(withMatches > 0, "no matches show nothing")
  }
}
