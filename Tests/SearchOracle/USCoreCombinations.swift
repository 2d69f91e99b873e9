package import Foundation

/// The searches that a US Core server must offer: each parameter and each combination of parameters
/// that the CapabilityStatements list for a type.
package struct USCoreCombination: Hashable, Sendable, CustomStringConvertible {
  package let type: String
  package let names: [String]

  package var description: String { "\(type)?\(names.joined(separator: "&"))" }

  /// Of all versions of US Core in a folder of definitions, each once.
  package static func all(definitions folder: URL) throws -> [USCoreCombination] {
    let versions = folder.appendingPathComponent("uscore")
    var found: [USCoreCombination] = []
    for version in try FileManager.default.contentsOfDirectory(atPath: versions.path).sorted() {
      let file = versions.appendingPathComponent("\(version)/CapabilityStatement.json")
      guard let data = FileManager.default.contents(atPath: file.path) else { continue }
      let json = try JSONSerialization.jsonObject(with: data)
      let statements =
        json as? [[String: Any]]
        ?? ((json as? [String: Any])?["entry"] as? [[String: Any]])?
        .compactMap { $0["resource"] as? [String: Any] } ?? []
      for statement in statements where statement["id"] as? String == "us-core-server" {
        let rest = statement["rest"] as? [[String: Any]]
        for resource in rest?.first?["resource"] as? [[String: Any]] ?? [] {
          found += combinations(of: resource)
        }
      }
    }
    var seen: Set<USCoreCombination> = []
    return found.filter { seen.insert($0).inserted }
  }

  private static func combinations(of resource: [String: Any]) -> [USCoreCombination] {
    let type = resource["type"] as? String ?? ""
    let single = (resource["searchParam"] as? [[String: Any]] ?? [])
      .compactMap { $0["name"] as? String }.map { USCoreCombination(type: type, names: [$0]) }
    let combined = (resource["extension"] as? [[String: Any]] ?? []).compactMap {
      listed -> USCoreCombination? in
      guard let url = listed["url"] as? String, url.hasSuffix("search-parameter-combination")
      else { return nil }
      let parts = listed["extension"] as? [[String: Any]] ?? []
      return USCoreCombination(
        type: type,
        names: parts.filter { $0["url"] as? String == "required" }
          .compactMap { $0["valueString"] as? String })
    }
    return single + combined
  }
}
