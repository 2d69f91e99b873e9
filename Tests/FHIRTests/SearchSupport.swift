import FHIR
import Foundation
import Testing

/// What the tests of searching share: the corpus where it is there, and queries written in short.
enum SearchSupport {
  /// The folder that holds the corpus and the definitions.
  static var shared: URL? {
    FidelityCorpus.folder?.deletingLastPathComponent().deletingLastPathComponent()
  }

  static var hasShared: Bool { shared != nil }

  /// A resource from JSON; the tests' own text, so a fault is the test's.
  static func resource(_ json: String) throws -> Resource {
    try Resource(parsing: Array(json.utf8))
  }

  /// Whether a resource matches a query such as `date=ge2020&code=x`.
  static func matches(_ resource: Resource, _ query: String) throws -> Bool {
    try SearchQuery(type: resource.type, parameters: pairs(query)).matches(resource)
  }

  static func pairs(_ query: String) -> [(name: String, value: String)] {
    query.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
  }

  /// All resources of the corpus: the single ones, and the entries of the bundles.
  static func corpus() throws -> [Resource] {
    var resources: [Resource] = []
    for folder in ["synthea-r4", "r4-spec-examples", "us-core-6.1.0-examples"] {
      for file in try FidelityCorpus.files(folder) {
        guard let resource = try? Resource(parsing: FidelityCorpus.bytes(of: file)) else {
          continue
        }
        guard resource.type == "Bundle" else {
          resources.append(resource)
          continue
        }
        for entry in resource.root["entry"].map({ Array($0.elements) }) ?? [] {
          if let inner = entry["resource"] { resources.append(try Resource(inner)) }
        }
      }
    }
    return resources
  }
}

extension FuzzRandom {
  mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
