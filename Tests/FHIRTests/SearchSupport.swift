import FHIR
import Foundation
import Testing

/// What the tests of searching share: the corpus and definitions where they are there, resources
/// written in short, and random numbers that a seed repeats.
enum SearchSupport {
  static let shared: URL? = {
    let fits = { (url: URL) in
      FileManager.default.fileExists(atPath: url.appendingPathComponent("corpus").path)
    }
    if let path = ProcessInfo.processInfo.environment["PEERCHART_SHARED"] {
      let url = URL(fileURLWithPath: path)
      return fits(url) ? url : nil
    }
    var place = URL(fileURLWithPath: #filePath)
    while place.path != "/" {
      place = place.deletingLastPathComponent()
      let candidate = place.appendingPathComponent("shared")
      if fits(candidate) { return candidate }
    }
    return nil
  }()

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
      guard let shared else { return [] }
      let files = try FileManager.default.contentsOfDirectory(
        at: shared.appendingPathComponent("corpus/fhir/\(folder)"), includingPropertiesForKeys: nil)
      for file in files.sorted(by: { $0.path < $1.path }) where file.pathExtension == "json" {
        guard let resource = try? Resource(parsing: Array(Data(contentsOf: file))) else { continue }
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

/// SplitMix64, seeded from outside or anew for each run; the seed is printed.
struct SearchRandom: RandomNumberGenerator {
  private var state: UInt64

  init(for name: String) {
    let given = ProcessInfo.processInfo.environment["PEERCHART_TEST_SEED"].flatMap { UInt64($0) }
    state = given ?? UInt64.random(in: 0...UInt64.max)
    print("\(name): seed \(state)")
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
