import Foundation
import Testing

/// What goes in comes out: every example of the corpus through the program, compared by a checker
/// that keeps number literals.
@Suite(
  .serialized, .enabled(if: Program.isThere, "\(Program.absence)"),
  .enabled(if: Corpus.isThere, "\(Corpus.absence)"))
struct FidelityFlowTests {
  /// Imports files in one run, exports everything, and compares.
  private func check(
    _ files: [String], unresolved: String = "refuse", mayFail: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let node = try await FlowNode()
    let imported = try await node.run(
      ["import", "--json", "--unresolved", unresolved] + files)
    let reports = (imported.json as? [String: Any])?["files"] as? [[String: Any]] ?? []
    let refused = reports.filter { ($0["refused"] as? Int ?? 1) > 0 }
    #expect(
      imported.status == 0 && refused.isEmpty && reports.count == files.count,
      "\(refused.prefix(3))", sourceLocation: sourceLocation)
    let map = try node.home.write("map.json", Array(imported.output.utf8))
    let export = node.home.path + "/export.ndjson"
    try await node.must("export", "--all", "--output", export)
    let compared = try await Program.python(
      "compare_fhir.py",
      ["--original"] + files + ["--exported", export, "--map", map]
        + (unresolved == "keep" ? ["--logical-references"] : []))
    #expect(
      compared.status == 0, "\(compared.output.suffix(2000))\(compared.errors.suffix(500))",
      sourceLocation: sourceLocation)
  }

  /// All patients into one node beside the organizations: they share practitioners.
  @Test func syntheaPatients() async throws {
    let patients = try Corpus.patients()
    #expect(patients.count >= 12)
    let chosen = Program.isFull ? patients : Array(patients.prefix(12))
    try await check(try Corpus.organizations() + chosen)
  }

  @Test func aPatientWithoutTheOrganizations() async throws {
    let patient = try #require(try Corpus.patients().first)
    let node = try await FlowNode()
    let refused = try await node.run("import", patient)
    #expect(refused.status == 1 && refused.errors.contains("--unresolved keep"))
    #expect(try await node.exported().isEmpty)
    try await check([patient], unresolved: "keep")
  }

  @Test(arguments: ["r4-spec-examples", "us-core-6.1.0-examples"])
  func examples(collection: String) async throws {
    // Several examples have the same type and id; each such file goes to a node of its own round.
    var rounds: [[String]] = []
    var taken: [Set<String>] = []
    // Two examples are requests to a server and no data: one only reads, one calls an operation.
    let requests = ["bundle-request-medsallergies.json", "bundle-transaction.json"]
    for file in try Corpus.files(collection)
    where !requests.contains(where: { file.hasSuffix("/" + $0) }) {
      let data = FileManager.default.contents(atPath: file) ?? Data()
      guard let resource = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
        let type = resource["resourceType"] as? String
      else { continue }
      let key = "\(type)/\(resource["id"] as? String ?? UUID().uuidString)"
      let round = taken.firstIndex { !$0.contains(key) } ?? taken.count
      if round == taken.count {
        rounds.append([])
        taken.append([])
      }
      rounds[round].append(file)
      taken[round].insert(key)
    }
    #expect(!rounds.isEmpty)
    for files in rounds { try await check(files, unresolved: "keep") }
  }
}
