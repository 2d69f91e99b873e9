import FHIR
import Foundation
import Primitives
import Testing

/// Made and broken documents: an answer or an error, never a trap; and what broke it once.
@Suite struct GraphQLFuzzTests {
  private var iterations: Int {
    ProcessInfo.processInfo.environment["PEERCHART_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? 6_000
  }

  /// Documents that are awkward for a parser or an evaluator; each has to come to an end.
  static let corpus = [
    "\u{FEFF}", "\"\"\"", "\"\"\"\\\"\"\"", "\"\\u", "\"\\u{", "\"\\u{}\"",
    "{a(b:\"\\uD83D\\u0041\")}",
    "{a(b:-", "0", "{0}", ".", "..", "....", "...", "{...", "{...on", "@", "$", "&|", "query(",
    "query($",
    "query($a:[", "query($a:[!", "fragment", "fragment on", "{a:a:a}", "{\"\"}", "#", "#\r", "{a#}",
    "{name(_offset:999999999,_count:999999999){use}}", "{name(_count:0){use}}",
    "{name@slice(path:\"\"){use}}", "{name@slice(path:\"$this\"){use}}",
    "{name@slice(path:\"given\")@flatten{use}}", "{name(fhirpath:\"\"){use}}",
    "{name(fhirpath:\"$index\"){use}}", "{name(fhirpath:\"{}\"){use}}",
    "{contained{resourceType contained{id}}}", "{contained{ConditionList(_reference:subject){id}}}",
    "{managingOrganization{resource{partOf{resource{partOf{resource{id}}}}}}}",
    "{ConditionList(_reference:patient,fhirpath:\"1/0\"){id}}",
    "{ConditionList(_reference:patient,_sort:[\"code\",\"-code\"]){id}}",
    "{ConditionList(_reference:patient,_id:\"a\\\\\"){id}}",
    "{text@flatten{div@slice(path:\"$this\")}}", "{given:name@flatten{given}}",
  ]

  private func answer(_ text: String, _ focus: Resource, _ shelf: GraphQLShelf) -> Bool {
    do {
      let request = try GraphQLRequest(query: text)
      for type in [nil, "Patient"] {
        guard (try? request.check(on: type)) != nil else { continue }
        let answer = try request.answer(
          about: type == nil ? nil : focus, from: shelf, at: FHIRPathSupport.now)
        #expect((try? JSONDocument(parsing: answer.bytes)) != nil, "\(text)")
      }
      return true
    } catch {
      #expect(error is GraphQLFault || error is PeerChartError, "\(text)")
      return false
    }
  }

  @Test(arguments: corpus)
  func whatIsAwkwardComesToAnEnd(text: String) throws {
    let focus = try Resource(parsing: Array(FHIRPathSupport.patient.utf8))
    _ = answer(text, focus, try GraphQLSupport.shelf())
  }

  @Test func whatIsMadeOrBrokenIsAnsweredOrRefused() throws {
    let seed = FuzzRandom.printedSeed(for: "GraphQL fuzz")
    var maker = GraphQLMaker(random: FuzzRandom(seed: seed))
    let focus = try Resource(parsing: Array(FHIRPathSupport.patient.utf8))
    let shelf = try GraphQLSupport.shelf()
    var taken = 0
    for round in 0..<iterations {
      let text = round % 3 == 0 ? maker.document() : maker.mutated()
      if answer(text, focus, shelf) { taken += 1 }
    }
    #expect(taken > iterations / 20 && taken < iterations, "seed \(seed)")
  }

  /// A fault is placed within the text.
  @Test func faultsAreWithinTheText() throws {
    let seed = FuzzRandom.printedSeed(for: "GraphQL places")
    var maker = GraphQLMaker(random: FuzzRandom(seed: seed))
    var refused = 0
    for _ in 0..<iterations / 4 {
      let text = maker.mutated()
      do throws(GraphQLFault) { _ = try GraphQLRequest(query: text) } catch {
        refused += 1
        let lines = text.utf8.count { $0 == 0x0A || $0 == 0x0D } + 1
        #expect((1...lines).contains(error.line) && error.column >= 1, "seed \(seed): \(text)")
      }
    }
    #expect(refused > 100)
  }
}
