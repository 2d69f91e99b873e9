import Foundation

/// A resource as the oracle looks at it, with what was found in it kept. Of one task at a time.
package final class OracleRecord {
  package let json: OracleJSON
  package let type: String
  package let id: String
  private var found: [String: [OracleItem]] = [:]
  private var linked: [String: [String]] = [:]

  package init(_ json: OracleJSON) {
    self.json = json
    type = json["resourceType"]?.text ?? ""
    id = json["id"]?.text ?? ""
  }

  package convenience init(_ bytes: [UInt8]) { self.init(OracleJSON(bytes)) }

  /// `Type/id`
  package var address: String { type + "/" + id }

  /// What an expression leads to.
  package func items(_ expression: String) -> [OracleItem] {
    if let known = found[expression] { return known }
    let items = OraclePath(resource: json).items(expression)
    found[expression] = items
    return items
  }

  /// The resources on the same server that a reference parameter leads to, as `Type/id`, each once.
  package func links(_ parameter: SearchOracle.Parameter) -> [String] {
    guard parameter.kind == "reference" else { return [] }
    let key = parameter.linkName
    if let known = linked[key] { return known }
    var links: [String] = []
    // A canonical or a plain uri names a definition, wherever that is.
    for item in items(parameter.expression) where item.value.text == nil {
      for reference in item.references {
        let plain = reference.components(separatedBy: "/_history/")[0]
        let parts = plain.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].allSatisfy(\.isLetter), !links.contains(plain),
          parameter.targets.isEmpty || parameter.targets.contains(parts[0])
        else { continue }
        links.append(plain)
      }
    }
    linked[key] = links
    return links
  }
}
