extension SearchQuery {
  /// Index terms, one list for each criterion that the index can serve: every resource that matches the
  /// query has at least one term of every list. Empty where no criterion can be served; then all
  /// resources with `IndexTerm.type(resourceType)` are candidates.
  ///
  /// Criteria that are left out (`:not`, `:missing`, `:contains`, open date ranges, `system|`) are
  /// decided by `matches`.
  public var alternatives: [[IndexTerm]] {
    var lists = criteria.compactMap(\.terms)
    for range in dateRanges {
      guard let cover = DateTerms.cover(of: range.interval) else { continue }
      lists.append(cover.map { IndexTerm(parameter: range.name, value: $0) })
    }
    return lists
  }

  /// Ranges put together from several criteria, as in `date=ge2020-01&date=lt2020-03`.
  ///
  /// Each of the criteria alone reaches to infinity. But a single value is one interval, and intervals
  /// that overlap pairwise have a point in common: so a value that overlaps each criterion's envelope
  /// overlaps their intersection, where there is one. (Not so for parameters with several values,
  /// of which one may fulfil this criterion and another that.)
  private var dateRanges: [(name: String, interval: DateInterval)] {
    var ranges: [String: DateInterval] = [:]
    var names: [String] = []
    for criterion in criteria where criterion.parameter.isSingle {
      guard case .dates(let wanted) = criterion.condition, wanted.count == 1,
        let envelope = wanted[0].envelope, !envelope.isBounded
      else { continue }
      let name = criterion.parameter.name
      if let range = ranges[name] {
        if let both = range.intersection(envelope) { ranges[name] = both }
      } else {
        ranges[name] = envelope
        names.append(name)
      }
    }
    return names.compactMap { name in ranges[name].map { (name, $0) } }
  }
}

extension SearchCriterion {
  /// Terms of which every resource that matches has at least one; nil where the index cannot tell.
  var terms: [IndexTerm]? {
    let values: [String]? =
      switch condition {
      case .missing, .noneOf: nil
      case .tokens(let wanted): joined(wanted, terms(of:))
      case .references(let wanted): joined(wanted, terms(of:))
      case .dates(let wanted):
        joined(wanted) { $0.envelope.flatMap(DateTerms.cover(of:)) }
      case .strings(_, .contains): nil
      case .strings(let wanted, .exact): wanted.map(StringTerm.whole)
      case .strings(let wanted, .prefix): wanted.map(StringTerm.prefix)
      }
    guard let values, values.count <= SearchLimits.termsInCriterion else { return nil }
    var terms: [IndexTerm] = []
    var seen: Set<IndexTerm> = []
    for value in values {
      let term = IndexTerm(parameter: parameter.name, value: value)
      if seen.insert(term).inserted { terms.append(term) }
    }
    return terms
  }

  /// The terms of all alternatives; nil as soon as one of them has none.
  private func joined<T>(_ wanted: [T], _ terms: (T) -> [String]?) -> [String]? {
    var all: [String] = []
    for one in wanted {
      guard let terms = terms(one) else { return nil }
      all += terms
    }
    return all
  }

  private func terms(of token: TokenCondition) -> [String]? {
    guard let code = token.code else { return nil }
    let term: String
    switch token.system {
    case .any: return [code]
    case .none: term = TokenTerm.qualified(nil, code)
    case .exactly(let system): term = TokenTerm.qualified(system, code)
    }
    return parameter.hasImpliedSystem ? [term, code] : [term]
  }

  private func terms(of reference: ReferenceCondition) -> [String]? {
    switch reference {
    case .id(let id):
      parameter.targets.isEmpty ? nil : parameter.targets.map { $0 + "/" + id }
    case .target(let target): [target.unversioned]
    case .other(let url): [url]
    }
  }
}
