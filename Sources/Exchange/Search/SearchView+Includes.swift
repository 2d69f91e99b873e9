import FHIR
import Primitives

extension SearchView {
  /// More records than this are not drawn in by one page.
  private static var mostIncluded: Int { 5000 }

  /// The records that `_include` and `_revinclude` draw in by the matches of a page (R4 3.1.1.5.5): each
  /// once, no match among them, and what the caller may not search left out.
  ///
  /// - Throws: `tooCostly` where they are too many for one page.
  func included(by matches: [FoundRecord], _ includes: [SearchInclude]) throws -> [FoundRecord] {
    guard !includes.isEmpty else { return [] }
    var known = Set(matches.map(\.target))
    // Several types that are searched together name the same ones.
    var seen: Set<SearchInclude> = []
    let includes = includes.filter { seen.insert($0).inserted }
    var found: [FoundRecord] = []
    var round = matches
    var isFirst = true
    while !round.isEmpty {
      var next: [FoundRecord] = []
      let rules = isFirst ? includes : includes.filter(\.iterates)
      for record in round {
        for include in rules {
          try draw(include, by: record, besides: known) { drawn in
            guard known.insert(drawn.target).inserted else { return }
            guard found.count + next.count < Self.mostIncluded else {
              throw PeerChartError(
                .tooCostly,
                "a page with more than \(Self.mostIncluded) included records; ask for "
                  + "smaller pages (_count) or fewer includes")
            }
            next.append(drawn)
          }
        }
      }
      found += next
      round = next
      isFirst = false
    }
    return found
  }

  private func draw(
    _ include: SearchInclude, by record: FoundRecord, besides known: Set<ReferenceTarget>,
    _ body: (FoundRecord) throws -> Void
  ) throws {
    switch include.direction {
    case .forward:
      guard !include.parameters(of: record.record.type).isEmpty else { return }
      for target in include.targets(in: try record.resource()) where !known.contains(target) {
        if let found = try self.record(target) { try body(found) }
      }
    case .reverse:
      guard let type = include.sourceType else { return }
      let target = record.target
      let terms = include.terms(for: target)
      guard terms?.isEmpty != true else { return }
      try referring(of: type, to: target, terms: terms) { source in
        if source.isDrawnIn(by: target, include) { try body(source.found) }
        return true
      }
    }
  }
}
