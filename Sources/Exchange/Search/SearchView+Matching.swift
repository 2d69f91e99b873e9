import FHIR
import Primitives

extension SearchView {
  /// A chain or `_has` is looked up first where at most this many resources fulfil its inner condition;
  /// beyond, it is decided for each candidate.
  private static var mostLinked: Int { 200 }
  /// As many candidates are opened to find that out.
  private static var mostLookedAt: Int { 1000 }
  /// More candidates than this are not looked through for a condition of a write.
  private static var mostForWriting: Int { 10_000 }

  /// How to find the candidates of a query; chains and the like are looked up first where that is cheap.
  func plan(_ query: SearchQuery) throws -> SearchPlan {
    guard query.followsLinks else { return try SearchPlan(query, reading) }
    var linked = LinkedTerms()
    for condition in query.conditions {
      switch condition {
      case .criterion, .compartment: continue
      case .list(let id):
        let list = try resource(ReferenceTarget(type: "List", id: id))
        let entries = list.map(SearchCondition.entries(of:)) ?? []
        linked.limit(
          to: Set(entries.filter { $0.type == query.resourceType }.map(\.id)))
      case .chain(let chain): if let list = try terms(of: chain) { linked.lists.append(list) }
      case .has(let reverse):
        let source = SearchQuery(type: reverse.sourceType, conditions: [reverse.condition])
        guard let sources = try few(source) else { continue }
        let targets = try sources.flatMap { try reverse.reference.localTargets(in: $0.resource()) }
        linked.limit(to: Set(targets.filter { $0.type == query.resourceType }.map(\.id)))
      }
    }
    return try SearchPlan(query, reading, linked: linked)
  }

  /// Terms of which every resource has one that fulfils the chain; nil where they would be too many.
  private func terms(of chain: SearchChain) throws -> [IndexTerm]? {
    var terms: [IndexTerm] = []
    for branch in chain.branches {
      let inner = SearchQuery(type: branch.type, conditions: [branch.condition])
      guard let targets = try few(inner) else { return nil }
      for target in targets {
        guard let found = chain.terms(for: target.target) else { return nil }
        terms += found
      }
      guard terms.count <= Self.mostLinked else { return nil }
    }
    return terms
  }

  /// All matches of a query if there are few, and it is cheap to tell.
  private func few(_ query: SearchQuery) throws -> [FoundRecord]? {
    guard !query.alternatives.isEmpty || query.ids != nil || query.followsLinks else { return nil }
    var rows = self.rows(of: try plan(query).candidates(in: reading.snapshot))
    let verifier = SearchVerifier(query)
    var found: [FoundRecord] = []
    var looked = 0
    while let (_, row) = try rows.next() {
      looked += 1
      guard looked <= Self.mostLookedAt, found.count <= Self.mostLinked else { return nil }
      guard let record = try record(row, of: query.resourceType),
        try record.record.matches(verifier, following: self)
      else { continue }
      found.append(record)
    }
    return found
  }

  /// What a search that must mean one record has found.
  struct OnlyMatch {
    let match: FoundRecord?
    let premise: SearchPremise
  }

  /// The one record that a search finds among what the caller may search; nothing if there is none.
  ///
  /// - Throws: `multipleMatches`, `tooCostly`.
  func onlyMatch(_ query: SearchQuery) throws -> OnlyMatch {
    // What linked resources came to could change unnoticed: the premise is about the record's own terms.
    let plan = try SearchPlan(query, reading)
    var candidates = try plan.candidates(in: reading.snapshot)
    let verifier = SearchVerifier(query)
    var positions: [IndexEntryPosition] = []
    var match: FoundRecord?
    while let position = try candidates.next() {
      guard positions.count < Self.mostForWriting else {
        throw PeerChartError(
          .tooCostly, "this condition would have to look through too many records; narrow it")
      }
      positions.append(position)
      guard let row = try reading.snapshot.version(row: position.row),
        let found = try record(row, of: query.resourceType),
        try found.record.matches(verifier, following: self)
      else { continue }
      guard match == nil else {
        throw PeerChartError(
          .multipleMatches, "more than one \(query.resourceType) fulfils this condition")
      }
      match = found
    }
    return OnlyMatch(match: match, premise: SearchPremise(plan: plan, positions: positions))
  }
}
