import Consent
import Exchange
import FHIR
import Identity
import Primitives
import SearchOracle
import Testing

/// One caller's searches on one node, each compared with what the oracle finds in what that caller may
/// see: matches, their order and bytes, totals, includes and pages.
final class SearchTrial {
  private let scene: SearchScene
  private let caller: Caller
  private let world: OracleWorld
  private let name: String
  /// Whether the caller's token opens a type to searches.
  private let isOpen: (String) -> Bool
  private(set) var searches = 0
  private(set) var matches = 0
  private(set) var withMatches = 0
  private(set) var pages = 0
  private(set) var included = 0
  private(set) var differences = 0

  init(
    _ scene: SearchScene, _ name: String, _ caller: Caller, _ world: OracleWorld,
    where isOpen: @escaping (String) -> Bool = { _ in true }
  ) {
    self.scene = scene
    self.name = name
    self.caller = caller
    self.world = world
    self.isOpen = isOpen
  }

  /// Goes through all pages of a search. Of a difference it reports the query and ids.
  ///
  /// - Returns: how many matches there are.
  @discardableResult
  func check(_ query: OracleQuery, _ random: inout OracleRandom) async throws -> Int {
    searches += 1
    let expected = query.type.map(isOpen) == false ? [] : world.matches(query)
    matches += expected.count
    if !expected.isEmpty { withMatches += 1 }
    var count = Self.count(for: expected.count, &random)
    var rest = expected[...]
    var cursor: String?
    var isFirst = true
    repeat {
      var pairs = query.pairs.map { ($0.name, $0.value) }
      if let count { pairs.append(("_count", "\(count)")) }
      if let cursor { pairs.append(("_cursor", cursor)) }
      let page: ResourcePage
      do {
        page = try await scene.node.exchange.search(
          SearchPlace(query), query: pairs, strict: true, as: caller)
      } catch let error as PeerChartError {
        if error.code == .tooCostly, (count ?? 50) > 1, isFirst {
          // So it asks for smaller pages.
          count = max(1, (count ?? 50) / 8)
          continue
        }
        if !isRight(error, query, expected) {
          report(query, "refused: \(error.code.rawValue) \(error.reason) \(error.place ?? "")")
        }
        return expected.count
      }
      pages += 1
      let size = query.isCount ? 0 : count ?? 50
      let wanted = rest.prefix(size)
      rest = query.isCount ? [] : rest.dropFirst(wanted.count)
      guard compare(page, Array(wanted), query, total: expected.count, isLast: rest.isEmpty)
      else { return expected.count }
      cursor = page.next
      isFirst = false
    } while cursor != nil
    if !rest.isEmpty { report(query, "ends before \(rest.prefix(3).map(\.address))") }
    return expected.count
  }

  /// A size of pages that leads to few of them, but for now and then.
  private static func count(for matches: Int, _ random: inout OracleRandom) -> Int? {
    if matches <= 200, random.chance(20) { return nil }
    let pages = matches <= 12 && random.chance(30) ? matches : random.pick([1, 1, 2, 3])
    return max(1, min(1000, matches / max(1, pages) + random.pick([0, 1, 1])))
  }

  private func compare(
    _ page: ResourcePage, _ wanted: [OracleRecord], _ query: OracleQuery, total: Int, isLast: Bool
  ) -> Bool {
    let found = page.resources.map { "\($0.type)/\($0.id)" }
    let expected = wanted.map(\.address)
    guard found == expected else {
      let index = zip(found, expected).enumerated().first { $1.0 != $1.1 }?.offset
      let at = index ?? min(found.count, expected.count)
      report(
        query,
        "at \(at) of the page: \(found.dropFirst(at).prefix(4)), wanted "
          + "\(expected.dropFirst(at).prefix(4))")
      return false
    }
    let isExact = query.value("_total") == "accurate" || query.isCount
    let isRightTotal =
      query.value("_total") == "none" && !query.isCount
      ? page.total == nil : page.total == total || !isExact && page.total == nil
    guard isRightTotal else {
      report(query, "total \(page.total.map(String.init) ?? "none"), wanted \(total)")
      return false
    }
    guard (page.next == nil) == isLast else {
      report(query, isLast ? "goes on behind the end" : "has no next page")
      return false
    }
    let drawn = page.included.map { "\($0.type)/\($0.id)" }
    let wantedDrawn = world.included(by: wanted, query)
    included += drawn.count
    guard Set(drawn) == wantedDrawn, drawn.count == wantedDrawn.count else {
      report(
        query,
        "includes besides \(Set(drawn).subtracting(wantedDrawn).sorted().prefix(4)), not "
          + "\(wantedDrawn.subtracting(drawn).sorted().prefix(4))")
      return false
    }
    let isWhole = query.value("_summary") == nil && query.value("_elements") == nil
    if isWhole,
      let wrong = (page.resources + page.included).first(where: {
        scene.bytes["\($0.type)/\($0.id)"] != $0.json
      })
    {
      report(query, "other bytes of \(wrong.type)/\(wrong.id)")
      return false
    }
    return true
  }

  /// A type that the token does not open is refused aloud; and a chart of which nothing of the type is
  /// open may be, which looks the same whether there is something in it or not.
  private func isRight(
    _ error: PeerChartError, _ query: OracleQuery, _ expected: [OracleRecord]
  ) -> Bool {
    guard error.code == .forbidden, expected.isEmpty else { return false }
    if let type = query.type, !isOpen(type) { return true }
    if case .peer = caller.identity { return true }
    return caller.role != .system
  }

  private func report(_ query: OracleQuery, _ what: String) {
    differences += 1
    // A few tell it all.
    guard differences <= 5 else { return }
    Issue.record("\(name): \(query.description.prefix(600)): \(what)")
  }
}

extension SearchPlace {
  init(_ query: OracleQuery) {
    let compartment = query.compartment.flatMap { owner in
      Compartment(rawValue: owner.type).flatMap { CompartmentMembership($0, id: owner.id) }
    }
    self.init(type: query.type, compartment: compartment)
  }
}
