import Exchange
import Foundation
import SearchOracle
import Testing

/// Every search that US Core asks of a server, with values that are there.
@Suite(.enabled(if: SearchFiles.isThere, "\(SearchFiles.absence)"))
struct USCoreSearchTests {
  @Test(arguments: TestEngine.allCases)
  func everyCombination(engine: TestEngine) async throws {
    var random = OracleRandom(
      seed: OracleRandom.printedSeed(for: "USCoreSearchTests.everyCombination \(engine)"))
    let scene = SearchScene(try await TestNode(engine: engine), try SearchFiles.oracle())
    try await scene.load(USCoreSamples.all.map { Array($0.utf8) })
    try await scene.load(SearchFiles.bytes(SearchFiles.files("us-core-6.1.0-examples")))
    try await scene.load(SearchFiles.bytes(Array(SearchFiles.synthea().patients.prefix(1))))
    let world = scene.everything
    let questions = SearchQuestions(oracle: scene.oracle)
    let trial = SearchTrial(scene, "operator", scene.node.owner, world)
    let combinations = try USCoreCombination.all(definitions: SearchFiles.definitions)
    for combination in combinations {
      let likes = (world.byType[combination.type] ?? []).shuffled(using: &random)
      var hits = 0
      for like in likes where hits < (SearchFiles.isFull ? 20 : 3) {
        let pairs = combination.names.compactMap { name in
          questions.hit(name, like: like, &random)
        }
        guard pairs.count == combination.names.count else { continue }
        var query = OracleQuery(type: combination.type)
        query.pairs = pairs
        let found = try await trial.check(query, &random)
        #expect(found > 0, "\(query)")
        hits += 1
      }
      #expect(hits > 0, "nothing here has all of \(combination)")
    }
    print("US Core on \(engine): \(combinations.count) searches, \(trial.searches) asked")
    #expect(trial.differences == 0)
    #expect(combinations.filter { $0.names.count > 1 }.count >= 71)
  }
}
