import FHIR
import Foundation
import Testing

/// What the tests of searching share: the corpus where it is there, and queries written in short.
enum SearchSupport {
  /// The folder that holds the corpus and the definitions.
  static var shared: URL? {
    FidelityCorpus.folder?.deletingLastPathComponent().deletingLastPathComponent()
  }

  static var definitions: URL? { shared?.appendingPathComponent("definitions") }

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

  /// All resources of the corpus: the single ones, and the entries of the bundles, with references
  /// within a bundle resolved. Read once.
  static func corpus() throws -> [Resource] { try allResources.get() }

  private static let allResources = Result { try readCorpus() }

  private static func readCorpus() throws -> [Resource] {
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
        let entries = resource.root["entry"].map { Array($0.elements) } ?? []
        var known: [String: String] = [:]
        for entry in entries {
          guard let url = entry["fullUrl"]?.string, let type = entry["resource"]?["resourceType"],
            let id = entry["resource"]?["id"]?.string
          else { continue }
          known[url] = "\(type.string ?? "")/\(id)"
        }
        for entry in entries {
          guard let inner = entry["resource"] else { continue }
          resources.append(try Resource(parsing: resolved(inner.raw, known)))
        }
      }
    }
    return resources
  }

  /// The JSON with each string that is a known `urn:uuid:…` replaced.
  private static func resolved(_ json: ArraySlice<UInt8>, _ known: [String: String]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(json.count)
    let mark = Array("\"urn:uuid:".utf8)
    var index = json.startIndex
    while index < json.endIndex {
      let end = min(index + mark.count + 36, json.endIndex)
      if json[index] == 0x22, json[index..<end].starts(with: mark),
        let target = known[String(decoding: json[(index + 1)..<end], as: UTF8.self)]
      {
        output += [0x22] + target.utf8
        index = end
      } else {
        output.append(json[index])
        index += 1
      }
    }
    return output
  }
}

extension FuzzRandom {
  mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
