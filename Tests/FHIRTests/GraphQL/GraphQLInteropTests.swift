import FHIR
import Foundation
import Primitives
import TestSupport
import Testing

/// graphql-core, which shares no code with us, takes and refuses the same documents.
@Suite(
  .enabled(
    if: GraphQLChecker.isAvailable,
    "needs a Python with `graphql-core`; PEERCHART_PYTHON names the interpreter"))
struct GraphQLInteropTests {
  @Test func itTakesAndRefusesTheSame() async throws {
    let seed = FuzzRandom.printedSeed(for: "GraphQL interop")
    var maker = GraphQLMaker(random: FuzzRandom(seed: seed))
    var lines = Data()
    for round in 0..<3_000 {
      let text = round % 2 == 0 ? maker.document() : maker.mutated()
      let verdict: String
      do throws(GraphQLFault) {
        _ = try GraphQLRequest(query: text)
        verdict = "ok"
      } catch {
        verdict = error.error.code.rawValue
      }
      let line = JSONTree.object([("query", .string(text)), ("verdict", .string(verdict))])
      lines += Data(line.serialized() + [0x0A])
    }
    let report = try await GraphQLChecker.run(lines)
    print("graphql-core: \(report.taken) taken and \(report.refused) refused by both")
    #expect(report.differences.prefix(10).map { "\($0)" } == [], "seed \(seed)")
    #expect(report.taken > 300 && report.refused > 300)
  }

  @Test func itReadsTheExamplesOfThePage() async throws {
    var lines = Data()
    for (query, _) in GraphQLExampleTests.flattening + GraphQLExampleTests.selection
      + GraphQLExampleTests.node
    {
      lines += Data(
        JSONTree.object([("query", .string(query)), ("verdict", "ok")]).serialized() + [0x0A])
    }
    let report = try await GraphQLChecker.run(lines)
    #expect(report.refused == 0 && report.differences.isEmpty && report.taken > 20)
  }
}

enum GraphQLChecker {
  struct Report: Decodable {
    let taken: Int
    let refused: Int
    let differences: [[String]]
  }

  private static let interpreter =
    ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] ?? "python3"
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Interop/check_graphql.py")

  static let isAvailable =
    (try? ChildProcess.run(interpreter, ["-c", "import graphql"]))?.status == 0

  static func run(_ lines: Data) async throws -> Report {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "peerchart-graphql-\(UUID().uuidString).ndjson")
    defer { try? FileManager.default.removeItem(at: file) }
    try lines.write(to: file)
    let (status, output) = try await ChildProcess.run(
      interpreter, [script.path(), file.path()])
    #expect(status == 0)
    return try JSONDecoder().decode(Report.self, from: output)
  }
}
