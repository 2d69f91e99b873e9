extension SearchQuery {
  /// The members of a resource that the conditions look at, so that nothing else need be read of the many
  /// records that a search tries; nil where it looks at resources around them as well.
  public var members: MemberNames? {
    var names = MemberNames(["resourceType", "id"])
    for condition in conditions {
      switch condition {
      case .criterion(let criterion): criterion.parameter.addMembers(to: &names)
      case .compartment(let membership):
        for parameter in membership.compartment.parameters(of: resourceType) {
          parameter.addMembers(to: &names)
        }
      case .chain, .has, .list: return nil
      }
    }
    return names
  }
}

extension SearchParameter {
  /// Where the ways to its values and to those of its components begin.
  fileprivate func addMembers(to names: inout MemberNames) {
    func add(_ source: SearchSource) {
      for path in source.paths where !path.steps.isEmpty { names.add(path.steps[0].name) }
    }
    add(source)
    for group in groups {
      if !group.steps.isEmpty { names.add(group.steps[0].name) }
      group.components.forEach(add)
    }
  }
}
