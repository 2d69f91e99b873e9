import FHIR
import Foundation
import Primitives
import TestSupport
import Testing

/// fhirpathpy, which shares no code with us, evaluates the same expressions on the same resources.
@Suite(
  .enabled(
    if: FHIRPathChecker.isAvailable && FHIRPathDefinitions.folder != nil,
    "needs the folder `shared` and a Python with `fhirpathpy`; PEERCHART_PYTHON names the interpreter"
  ))
struct FHIRPathInteropTests {
  struct Report: Decodable {
    let compared: Int
    let equal: Int
    let failures: [String: Int]
    let differences: [[Value]]
  }

  /// A value of the report, shown as it came.
  struct Value: Decodable, CustomStringConvertible {
    let description: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        description = text
      } else if let list = try? container.decode([Value].self) {
        description = "[\(list.map(\.description).joined(separator: ", "))]"
      } else if let object = try? container.decode([String: Value].self) {
        description = "{\(object.map { "\($0): \($1)" }.sorted().joined(separator: ", "))}"
      } else if let truth = try? container.decode(Bool.self) {
        description = String(truth)
      } else if let number = try? container.decode(Double.self) {
        description = String(number)
      } else {
        description = "null"
      }
    }
  }

  @Test func searchParametersAndInvariantsGiveTheSame() async throws {
    let definitions = try FHIRPathDefinitions.resources(FHIRPathDefinitions.baseFiles)
    let types = StructureElementTypes.standard
    var byType: [String: [FHIRPath]] = [:]
    for search in try FHIRPathDefinitions.searchExpressions() {
      for base in search.bases { byType[base, default: []].append(try FHIRPath(search.expression)) }
    }
    for invariant in FHIRPathDefinitions.invariants(in: definitions)
    where !invariant.path.contains(".") {
      byType[invariant.path, default: []].append(try FHIRPath(invariant.expression))
    }
    var lines = Data()
    var evaluated = 0
    for resource in try Self.resources() {
      let item = FHIRPathItem(resource, types: types)
      let environment = FHIRPathEnvironment(
        types: types, resource: item, now: FHIRPathSupport.now,
        resolver: FHIRPathEnvironment.resolvingTypes(by: types))
      var results: [JSONTree] = []
      for base in [resource.type, "Resource", "DomainResource"] {
        for path in byType[base] ?? [] {
          let found = try path.evaluate(on: item, in: environment)
          results.append(.array([.string(path.text)] + found.compactMap(Self.json)))
        }
      }
      evaluated += results.count
      let line = JSONTree.object([
        ("resource", .raw(resource.bytes)), ("results", .array(results)),
      ]).serialized()
      // One line each; inside of strings JSON has no line ends.
      lines += Data(line.filter { $0 != 0x0A && $0 != 0x0D } + [0x0A])
    }
    let report = try await FHIRPathChecker.run(lines)
    print("fhirpathpy: \(report.equal) of \(report.compared) equal, \(evaluated) evaluated")
    for (expression, count) in report.failures.sorted(by: { $0.key < $1.key }) {
      print("fhirpathpy cannot: \(expression) (\(count))")
    }
    #expect(report.compared > evaluated / 2)
    let unexplained = report.differences.filter { difference in
      !Self.explained.contains { difference.first?.description == $0 }
    }
    #expect(unexplained.prefix(20).map { "\($0)" } == [])
  }

  /// Expressions on which fhirpathpy is wrong, each looked at.
  private static let explained: [String] = []

  private static func resources() throws -> [Resource] {
    var resources: [Resource] = []
    for folder in ["r4-spec-examples", "us-core-6.1.0-examples"] {
      for file in try FidelityCorpus.files(folder) {
        let bytes = try FidelityCorpus.bytes(of: file)
        guard bytes.count < 100_000, let resource = try? Resource(parsing: bytes) else { continue }
        resources.append(resource)
      }
    }
    return resources
  }

  private static func json(_ item: FHIRPathItem) -> JSONTree? {
    switch item {
    case .element(let element): element.value.map { .raw(Array($0.raw)) }
    case .boolean(let value): .bool(value)
    case .integer(let value): .number(String(value))
    case .decimal(let value): .number(value.description)
    default: item.text.map { .string($0) }
    }
  }
}

enum FHIRPathChecker {
  private static let interpreter =
    ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] ?? "python3"
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Interop/check_fhirpath.py")

  static let isAvailable =
    (try? ChildProcess.run(interpreter, ["-c", "import fhirpathpy"]))?.status == 0

  static func run(_ lines: Data) async throws -> FHIRPathInteropTests.Report {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "peerchart-fhirpath-\(UUID().uuidString).ndjson")
    defer { try? FileManager.default.removeItem(at: file) }
    try lines.write(to: file)
    let (status, output) = try await ChildProcess.run(
      interpreter, [script.path(), file.path()])
    try #require(status == 0)
    return try JSONDecoder().decode(FHIRPathInteropTests.Report.self, from: output)
  }
}
