public import Primitives

extension SearchQuery {
  /// Index terms, one list or more for each criterion that the index can serve: every resource that
  /// matches the query has at least one term of every list. Empty where no criterion can be served;
  /// then all resources with `IndexTerm.type(resourceType)` are candidates.
  ///
  /// Criteria that are left out (`:not`, `:missing`, `:contains`, `:text`, open ranges, `system|`,
  /// very common codes, `_id`, `_lastUpdated`) are decided by `matches`. For the last two see `ids` and
  /// `lastUpdated`; for chains and `_has`, their own `terms`.
  public var alternatives: [[IndexTerm]] {
    var lists: [[IndexTerm]] = []
    for condition in conditions {
      switch condition {
      case .criterion(let criterion): lists += criterion.termLists
      case .compartment(let membership):
        // The resource that a compartment is about has no such term.
        if membership.compartment.rawValue != resourceType,
          let terms = membership.terms(of: resourceType)
        {
          lists.append(terms)
        }
      case .chain, .has, .list: continue
      }
    }
    let layout = IndexLayout.layout(of: resourceType)
    for (parameter, interval) in dateRanges {
      guard let cover = DateTerms.cover(of: interval) else { continue }
      let fields = parameter.source.paths.map { layout.field(for: $0, .date)?.name }
      guard fields.allSatisfy({ $0 != nil }) else { continue }
      // The types of a choice element have their terms under one name.
      lists.append(
        Set(fields.compactMap { $0 }).sorted().flatMap { field in
          cover.map { IndexTerm(parameter: field, value: $0) }
        })
    }
    return lists
  }

  /// Ranges put together from several criteria, as in `date=ge2020-01&date=lt2020-03`.
  ///
  /// Each of the criteria alone reaches to infinity. But a single value is one interval, and intervals
  /// that overlap pairwise have a point in common: so a value that overlaps each criterion's envelope
  /// overlaps their intersection, where there is one. (Not so for parameters with several values,
  /// of which one may fulfil this criterion and another that.)
  private var dateRanges: [(parameter: SearchParameter, interval: DateInterval)] {
    var ranges: [String: DateInterval] = [:]
    var parameters: [SearchParameter] = []
    for criterion in criteria where criterion.parameter.isSingle {
      guard case .some(.dates(let wanted)) = criterion.condition, wanted.count == 1,
        let envelope = wanted[0].envelope, !envelope.isBounded
      else { continue }
      let name = criterion.parameter.name
      if let range = ranges[name] {
        if let both = range.intersection(envelope) { ranges[name] = both }
      } else {
        ranges[name] = envelope
        parameters.append(criterion.parameter)
      }
    }
    return parameters.compactMap { parameter in ranges[parameter.name].map { (parameter, $0) } }
  }

  /// The ids that the query is limited to by `_id` or `_list`-free means; nil where it is not. Their
  /// records can be read directly.
  public var ids: [String]? {
    var ids: [String]?
    for criterion in criteria where criterion.parameter.name == "_id" {
      guard case .some(.tokens(let wanted)) = criterion.condition else { continue }
      let codes = wanted.compactMap(\.code).filter { Resource.isValidID($0) }
      ids = ids.map { known in known.filter { codes.contains($0) } } ?? codes
    }
    return ids
  }

  /// When a match was last updated, as far as `_lastUpdated` says: not before the first moment and
  /// before the second. Nil where that is not limited.
  public var lastUpdated: (from: Instant?, until: Instant?)? {
    var range = DateInterval(start: DateInterval.beginning, end: DateInterval.end)
    for criterion in criteria where criterion.parameter.name == "_lastUpdated" {
      guard case .some(.dates(let wanted)) = criterion.condition, wanted.count == 1,
        let envelope = wanted[0].envelope
      else { continue }
      range.start = max(range.start, envelope.start)
      range.end = min(range.end, envelope.end)
    }
    let from = range.start == DateInterval.beginning ? nil : range.start
    let until = range.end == DateInterval.end ? nil : range.end
    if from == nil && until == nil { return nil }
    return (
      from.map { Instant(millisecondsSinceEpoch: $0) },
      until.map { Instant(millisecondsSinceEpoch: $0) }
    )
  }
}
