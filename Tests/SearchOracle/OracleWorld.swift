import Foundation

/// The resources that one caller may see, and what a search over them must find: every resource is
/// looked at for every condition, in the order in which the server lists them. No index, no plan, no
/// access rules. Of one task at a time.
package final class OracleWorld {
  package let oracle: SearchOracle
  /// By type, in the order of a listing.
  package let byType: [String: [OracleRecord]]
  private let byAddress: [String: OracleRecord]
  /// Answers to the inner conditions of the query at hand.
  private var inner: [String: Bool] = [:]
  private var referred: [String: Set<String>] = [:]

  package init(_ records: [OracleRecord], _ oracle: SearchOracle) {
    self.oracle = oracle
    byType = Dictionary(grouping: records, by: \.type)
    byAddress = Dictionary(records.map { ($0.address, $0) }) { first, _ in first }
  }

  package var types: [String] { byType.keys.sorted() }

  package func record(_ address: String) -> OracleRecord? { byAddress[address] }

  /// All matches in the order of the answer.
  package func matches(_ query: OracleQuery) -> [OracleRecord] {
    inner = [:]
    referred = [:]
    let found = types(of: query).flatMap { type in
      (byType[type] ?? []).filter { record in
        belongs(record, query)
          && query.criteria.allSatisfy { holds(record, $0.name, $0.value) }
      }
    }
    guard let sort = query.value("_sort") else { return found }
    return OracleOrder(sort, oracle).sorted(found)
  }

  /// The types that a search goes through, in their order.
  package func types(of query: OracleQuery) -> [String] {
    if let type = query.type { return [type] }
    return query.value("_type").map { $0.components(separatedBy: ",") } ?? types
  }

  // MARK: Conditions

  private func belongs(_ record: OracleRecord, _ query: OracleQuery) -> Bool {
    guard let (type, id) = query.compartment else { return true }
    if record.type == type, record.id == id { return true }
    return (oracle.compartments[type]?[record.type] ?? []).contains { name in
      oracle.parameter(name, of: record.type).map { record.links($0).contains("\(type)/\(id)") }
        ?? false
    }
  }

  private func holds(_ record: OracleRecord, _ name: String, _ value: String) -> Bool {
    if name == "_list" { return entries(ofList: value).contains(record.address) }
    if name.hasPrefix("_has:") {
      let parts = name.split(separator: ":", maxSplits: 3).map(String.init)
      return targets(parts[1], parts[2], parts[3], value).contains(record.address)
    }
    guard let dot = name.firstIndex(of: ".") else { return oracle.matches(record, name, value) }
    let head = name[..<dot].split(separator: ":").map(String.init)
    let rest = String(name[name.index(after: dot)...])
    guard let parameter = oracle.parameter(head[0], of: record.type) else { return false }
    return record.links(parameter).contains { address in
      guard head.count == 1 || address.hasPrefix(head[1] + "/"), let other = byAddress[address]
      else { return false }
      let key = "\(address) \(rest) \(value)"
      if let known = inner[key] { return known }
      let answer = holds(other, rest, value)
      inner[key] = answer
      return answer
    }
  }

  /// What resources of a type that fulfil a condition refer to.
  private func targets(
    _ type: String, _ reference: String, _ name: String, _ value: String
  ) -> Set<String> {
    let key = "\(type) \(reference) \(name) \(value)"
    if let known = referred[key] { return known }
    guard let parameter = oracle.parameter(reference, of: type) else { return [] }
    var targets: Set<String> = []
    for record in byType[type] ?? [] where !record.links(parameter).isEmpty {
      if holds(record, name, value) { targets.formUnion(record.links(parameter)) }
    }
    referred[key] = targets
    return targets
  }

  private func entries(ofList id: String) -> Set<String> {
    guard let list = byAddress["List/" + id] else { return [] }
    let entries = (list.json["entry"]?.each ?? []).filter { entry in
      if case .bool(true) = entry["deleted"] { false } else { true }
    }
    return Set(
      entries.compactMap { $0["item"]?["reference"]?.text }
        .map { $0.components(separatedBy: "/_history/")[0] })
  }

  // MARK: Includes

  /// What `_include` and `_revinclude` add to the matches of one page (R4 3.1.1.5.5).
  package func included(by page: [OracleRecord], _ query: OracleQuery) -> Set<String> {
    let rules = query.pairs.filter {
      $0.name.hasPrefix("_include") || $0.name.hasPrefix("_revinclude")
    }
    var known = Set(page.map(\.address))
    var found: Set<String> = []
    var round = page
    var isFirst = true
    while !round.isEmpty {
      let drawn = rules.filter { isFirst || $0.name.hasSuffix(":iterate") }.flatMap { rule in
        round.flatMap { draw(rule, by: $0, query) }
      }
      round = drawn.filter { known.insert($0.address).inserted }
      found.formUnion(round.map(\.address))
      isFirst = false
    }
    return found
  }

  private func draw(
    _ rule: (name: String, value: String), by record: OracleRecord, _ query: OracleQuery
  ) -> [OracleRecord] {
    let parts = rule.value.components(separatedBy: ":")
    let (type, name) = (parts[0], parts.count > 1 ? parts[1] : "*")
    let target = parts.count > 2 ? parts[2] : nil
    func references(of source: OracleRecord) -> [String] {
      let parameters =
        name == "*"
        ? allReferences(of: source.type)
        : [oracle.parameter(name, of: source.type)].compactMap { $0 }
      return parameters.flatMap { source.links($0) }
        .filter { target == nil || $0.hasPrefix((target ?? "") + "/") }
    }
    if rule.name.hasPrefix("_include") {
      guard type == "*" || type == record.type else { return [] }
      return references(of: record).compactMap { byAddress[$0] }
    }
    return (byType[type] ?? []).filter { references(of: $0).contains(record.address) }
  }

  private var referencesByType: [String: [SearchOracle.Parameter]] = [:]

  /// The reference parameters of a type.
  private func allReferences(of type: String) -> [SearchOracle.Parameter] {
    if let known = referencesByType[type] { return known }
    let all = (oracle.parameters[type] ?? [:]).merging(oracle.parameters["Resource"] ?? [:]) {
      first, _ in first
    }
    let found = all.values.filter { $0.kind == "reference" }
    referencesByType[type] = found
    return found
  }
}
