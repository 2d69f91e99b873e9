import Foundation
import TestSupport

/// Other people's FHIR files, where they are there.
enum Corpus {
  /// The folder `corpus/fhir`.
  static let folder = SharedFolder.corpus?.path

  /// HL7's published definitions, which lie beside the corpus.
  static var definitions: String? {
    SharedFolder.url?.appendingPathComponent("definitions").path
  }

  static var isThere: Bool { folder != nil }
  static let absence = "there is no folder `shared` with the corpus"

  /// The JSON files of a collection, by name.
  static func files(_ name: String) throws -> [String] {
    guard let folder else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder + "/" + name)
      .filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + name + "/" + $0 }
  }

  /// Synthea's bundles of organizations and practitioners, to be imported first.
  static func organizations() throws -> [String] {
    try files("synthea-r4").filter { isShared($0) }
  }

  /// Synthea's patients, the smallest first.
  static func patients() throws -> [String] {
    try files("synthea-r4").filter { !isShared($0) }.sorted { size($0) < size($1) }
  }

  private static func isShared(_ path: String) -> Bool {
    let name = URL(fileURLWithPath: path).lastPathComponent.lowercased()
    return name.contains("hospitalinformation") || name.contains("practitionerinformation")
  }

  private static func size(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }
}
