extension SearchQuery {
  /// Whether a resource is of the type and fulfils every criterion. Exact: what the index brings up is
  /// a candidate only, this decides.
  public func matches(_ resource: Resource) -> Bool {
    resource.type == resourceType && criteria.allSatisfy { $0.matches(resource) }
  }
}

extension SearchCriterion {
  /// Whether a resource of the type that the criterion was made for fulfils it.
  public func matches(_ resource: Resource) -> Bool {
    let root = resource.root
    switch condition {
    case .missing(let isMissing): return parameter.isPresent(in: root) != isMissing
    case .tokens(let wanted):
      return parameter.tokens(in: root).contains { value in
        wanted.contains { $0.matches(value) }
      }
    case .noneOf(let unwanted):
      return !parameter.tokens(in: root).contains { value in
        unwanted.contains { $0.matches(value) }
      }
    case .references(let wanted):
      return parameter.references(in: root).contains { value in
        wanted.contains { $0.matches(value, parameter) }
      }
    case .dates(let wanted):
      return parameter.dates(in: root).contains { value in
        wanted.contains { $0.matches(value) }
      }
    case .strings(let wanted, let comparison):
      return parameter.strings(in: root).contains { text in
        wanted.contains { comparison.matches($0, text) }
      }
    }
  }
}
