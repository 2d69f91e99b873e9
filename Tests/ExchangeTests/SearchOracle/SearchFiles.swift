import Exchange
import Foundation
import Identity
import SearchOracle
import TestSupport

/// The corpus and the published definitions, where they are there.
enum SearchFiles {
  private static var shared: URL? { SharedFolder.url }
  static var isThere: Bool { shared != nil }
  static let absence = "there is no folder `shared` with the corpus and the definitions"
  static let isFull = ProcessInfo.processInfo.environment["PEERCHART_FULL"] == "1"

  /// HL7's published definitions.
  static var definitions: URL {
    (shared ?? URL(fileURLWithPath: "/nowhere")).appending(path: "definitions")
  }

  private static let oracles = Result { try SearchOracle(definitions: definitions) }

  static func oracle() throws -> SearchOracle { try oracles.get() }

  /// The JSON files of a collection of the corpus, by name.
  static func files(_ name: String) throws -> [URL] {
    guard let shared else { return [] }
    return try FileManager.default.contentsOfDirectory(
      at: shared.appending(path: "corpus/fhir/" + name), includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
  }

  static func bytes(_ files: [URL]) throws -> [[UInt8]] {
    try files.map { Array(try Data(contentsOf: $0)) }
  }

  /// Synthea's patients, the smallest first; and its organizations and practitioners.
  static func synthea() throws -> (patients: [URL], shared: [URL]) {
    let all = try files("synthea-r4")
    let shared = all.filter { $0.lastPathComponent.contains("Information") }
    func size(_ file: URL) -> Int {
      (try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0
    }
    let patients = all.filter { !shared.contains($0) }.sorted { size($0) < size($1) }
    return (patients, shared)
  }

  /// A node with a share of the corpus and made-up resources.
  static func scene(
    _ share: SearchEngineTests.Share, _ random: inout OracleRandom
  ) async throws -> SearchScene {
    let node = try await TestNode(share.kind, engine: share.engine)
    let scene = SearchScene(node, try oracle())
    let (patients, shared) = try synthea()
    let own = patients.enumerated().filter { number, _ in
      isFull ? number % share.shares == share.number : number == share.number
    }.map(\.element)
    // Without them, conditional references become logical ones.
    try await scene.load(isFull ? bytes(shared) : [])
    try await scene.load(bytes(own))
    try await scene.load(SearchMaterial.madeUp(isFull ? 120 : 60, &random))
    return scene
  }
}
