extension SearchQuery {
  /// The ids of the patients that the query is limited to, so that only their charts need be looked
  /// at. Nil when it is not limited, or for types in which one record can be about several patients.
  public var patients: [String]? {
    for criterion in criteria
    where (criterion.parameter.name == "patient" || criterion.parameter.name == "subject")
      && criterion.parameter.isSingle
    {
      guard case .some(.references(let wanted)) = criterion.condition else { continue }
      if let ids = Self.ids(wanted) { return ids }
    }
    return nil
  }

  private static func ids(_ wanted: [ReferenceCondition]) -> [String]? {
    var ids: [String] = []
    for reference in wanted {
      switch reference {
      case .id(let id, types: ["Patient"]): ids.append(id)
      case .target(let target) where target.type == "Patient" && target.base == nil:
        ids.append(target.id)
      default: return nil
      }
    }
    return ids
  }
}
