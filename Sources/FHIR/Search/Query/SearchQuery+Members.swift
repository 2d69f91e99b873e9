extension SearchQuery {
  /// The members of a resource that the conditions look at, so that nothing else need be read of the many
  /// records that a search tries; nil where it looks at resources around them as well.
  public var members: MemberNames? {
    var names: Set<String> = ["resourceType", "id", "meta"]
    for condition in conditions {
      switch condition {
      case .criterion(let criterion): names.formUnion(criterion.parameter.members)
      case .compartment(let membership):
        for parameter in membership.compartment.parameters(of: resourceType) {
          names.formUnion(parameter.members)
        }
      case .chain, .has, .list: return nil
      }
    }
    return MemberNames(names)
  }
}

extension SearchParameter {
  /// Where the ways to its values and to those of its components begin.
  fileprivate var members: [String] {
    let sources = [source] + groups.flatMap(\.components)
    return (sources.flatMap(\.paths).map(\.steps) + groups.map(\.steps)).compactMap(\.first?.name)
  }
}
