/// A search as a client writes it, decoded.
package struct OracleQuery: Sendable, CustomStringConvertible {
  /// Nil for all types, or those that `_type` names.
  package var type: String?
  package var compartment: (type: String, id: String)?
  /// Everything but `_count`, which is for whoever asks.
  package var pairs: [(name: String, value: String)] = []

  package init(type: String?, compartment: (type: String, id: String)? = nil) {
    self.type = type
    self.compartment = compartment
  }

  package func value(_ name: String) -> String? { pairs.last { $0.name == name }?.value }

  /// The path below the base: `Observation`, `Patient/1/*`, nothing for all types.
  package var path: String {
    guard let compartment else { return type ?? "" }
    return "\(compartment.type)/\(compartment.id)/\(type ?? "*")"
  }

  package var description: String {
    path + "?" + pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }

  /// What is asked of resources, without what is said about the answer.
  var criteria: [(name: String, value: String)] {
    pairs.filter { pair in
      ![
        "_sort", "_total", "_summary", "_elements", "_type", "_include", "_include:iterate",
        "_revinclude", "_revinclude:iterate",
      ].contains(pair.name)
    }
  }

  /// Whether only the number of matches is asked for.
  package var isCount: Bool { value("_summary") == "count" }
}
