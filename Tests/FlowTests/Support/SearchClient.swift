import Foundation
import SearchOracle
import Testing

/// A client that asks by GET or by a form, follows `next` to the end and compares what it is given with
/// what the oracle finds.
struct SearchClient {
  let curl: Curl
  let world: OracleWorld
  /// Whether somebody to whom nothing of a chart is open is refused.
  let mayBeRefused: Bool
  private(set) var searches = 0
  private(set) var pages = 0
  private(set) var withMatches = 0
  private(set) var differences = 0

  init(curl: Curl, world: OracleWorld, mayBeRefused: Bool) {
    self.curl = curl
    self.world = world
    self.mayBeRefused = mayBeRefused
  }

  /// The URL of a link of a page.
  static func link(_ relation: String, _ bundle: OracleJSON) -> String? {
    (bundle["link"]?.each ?? []).first { $0["relation"]?.text == relation }?["url"]?.text
  }

  mutating func check(_ query: OracleQuery, _ random: inout OracleRandom) async throws {
    searches += 1
    let expected = world.matches(query)
    if !expected.isEmpty { withMatches += 1 }
    let count = max(1, expected.count / random.pick([1, 2, 3]) + random.pick([0, 1]))
    let size = query.isCount ? 0 : count
    var rest = query.isCount ? [] : expected[...]
    var answer = try await ask(query, count, &random)
    while true {
      pages += 1
      let wanted = Array(rest.prefix(size))
      rest = rest.dropFirst(wanted.count)
      if answer.status == 403, mayBeRefused, expected.isEmpty { return }
      guard answer.status == 200 else {
        return report(query, "\(answer.status) \(answer.issue)")
      }
      let bundle = OracleJSON(Array(answer.body.utf8))
      if let fault = fault(of: bundle, wanted, query, total: expected.count) {
        return report(query, fault)
      }
      guard let next = Self.link("next", bundle) else { break }
      guard !rest.isEmpty else { return report(query, "goes on behind the end") }
      answer = try await curl("GET", next)
    }
    if !rest.isEmpty { report(query, "ends too early, \(rest.count) are left") }
  }

  private func ask(
    _ query: OracleQuery, _ count: Int, _ random: inout OracleRandom
  ) async throws -> Curl.Answer {
    let pairs = query.pairs + [(name: "_count", value: "\(count)")]
    let text = pairs.map { Self.encoded($0.name) + "=" + Self.encoded($0.value) }
      .joined(separator: "&")
    let path = "/fhir/" + query.path
    guard query.path.isEmpty || !random.chance(30) else {
      return try await curl(
        "POST", path + "/_search", text, type: "application/x-www-form-urlencoded")
    }
    return try await curl("GET", path + "?" + text)
  }

  private static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }

  /// What is wrong with a page; nil if nothing is.
  private func fault(
    of bundle: OracleJSON, _ wanted: [OracleRecord], _ query: OracleQuery, total: Int
  ) -> String? {
    guard bundle["type"]?.text == "searchset", Self.link("self", bundle) != nil else {
      return "is no page of a search"
    }
    var matches: [String] = []
    var drawn: [String] = []
    for entry in bundle["entry"]?.each ?? [] {
      guard let resource = entry["resource"].map({ OracleRecord($0) }) else { return "no resource" }
      guard entry["fullUrl"]?.text?.hasSuffix("/fhir/" + resource.address) == true else {
        return "another fullUrl than \(resource.address)"
      }
      switch entry["search"]?["mode"]?.text {
      case "match" where drawn.isEmpty: matches.append(resource.address)
      case "include": drawn.append(resource.address)
      default: return "mode of \(resource.address)"
      }
      if let fault = subsetFault(of: resource, query) { return fault }
    }
    guard matches == wanted.map(\.address) else {
      return "\(matches.prefix(5)), wanted \(wanted.prefix(5).map(\.address))"
    }
    let included = world.included(by: wanted, query)
    guard Set(drawn) == included, drawn.count == included.count else {
      return "includes \(Set(drawn).symmetricDifference(included).sorted().prefix(5))"
    }
    let told = bundle["total"]?.number.map { NSDecimalNumber(decimal: $0).intValue }
    let isExact = query.value("_total") == "accurate" || query.isCount
    if query.value("_total") == "none", !query.isCount { return told == nil ? nil : "has a total" }
    return told == total || told == nil && !isExact
      ? nil : "total \(told ?? -1), wanted \(total)"
  }

  /// `_elements` and `_summary` leave out, and say so.
  private func subsetFault(of resource: OracleRecord, _ query: OracleQuery) -> String? {
    guard let whole = world.record(resource.address) else { return "an unknown resource" }
    guard case .object(let given) = resource.json, case .object(let all) = whole.json else {
      return "no object"
    }
    let tags = (resource.json["meta"]?["tag"]?.each ?? []).compactMap { $0["code"]?.text }
    if query.value("_elements") != nil || query.value("_summary") != nil {
      guard tags.contains("SUBSETTED") else { return "\(resource.address) is not marked as a part" }
      guard Set(given.keys).subtracting(["meta"]).isSubset(of: all.keys) else {
        return "\(resource.address) has more than there is"
      }
      if query.value("_elements") != nil, given["subject"] != nil, all["status"] != nil,
        given["status"] == nil
      {
        return "\(resource.address) has the wrong elements"
      }
      return nil
    }
    return Set(given.keys) == Set(all.keys) && !tags.contains("SUBSETTED")
      ? nil : "\(resource.address) is not whole"
  }

  private mutating func report(_ query: OracleQuery, _ what: String) {
    differences += 1
    guard differences <= 5 else { return }
    Issue.record("\(query.description.prefix(500)): \(what)")
  }
}
