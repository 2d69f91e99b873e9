/// The resources around one, as a search may follow them: those that the caller may see.
public protocol SearchLinks {
  /// The current version of a resource, nil where there is none or none that may be seen.
  func resource(_ target: ReferenceTarget) throws -> Resource?
  /// Whether some resource of a type refers to `target` by a parameter and satisfies `body`.
  func contains(
    of type: String, referringTo target: ReferenceTarget, by parameter: SearchParameter,
    where body: (Resource) throws -> Bool
  ) throws -> Bool
}

extension SearchCondition {
  /// Whether a resource fulfils the condition, following links as far as need be.
  public func matches(_ resource: Resource, following links: some SearchLinks) throws -> Bool {
    switch self {
    case .criterion(let criterion): return criterion.matches(resource)
    case .compartment(let membership): return membership.matches(resource)
    case .chain(let chain):
      for target in chain.targets(in: resource) {
        guard let other = try links.resource(target) else { continue }
        for branch in chain.branches where branch.type == other.type {
          if try branch.condition.matches(other, following: links) { return true }
        }
      }
      return false
    case .has(let reverse):
      guard let id = resource.id else { return false }
      return try links.contains(
        of: reverse.sourceType, referringTo: ReferenceTarget(type: resource.type, id: id),
        by: reverse.reference
      ) { try reverse.condition.matches($0, following: links) }
    case .list(let list):
      guard let id = resource.id,
        let found = try links.resource(ReferenceTarget(type: "List", id: list))
      else { return false }
      return SearchCondition.entries(of: found)
        .contains(ReferenceTarget(type: resource.type, id: id))
    }
  }

  /// The resources on this server that a List names (`_list`), apart from entries marked as deleted.
  public static func entries(of list: Resource) -> [ReferenceTarget] {
    guard list.type == "List", let entries = list.root["entry"] else { return [] }
    return entries.elements.compactMap { entry in
      guard entry["deleted"]?.bool != true,
        let target = entry["item"]?["reference"]?.string.flatMap(ReferenceTarget.init(parsing:)),
        target.base == nil
      else { return nil }
      return ReferenceTarget(type: target.type, id: target.id)
    }
  }
}

extension SearchQuery {
  /// Whether a resource is of the type and fulfils every criterion on the resource itself. Exact: what
  /// the index brings up is a candidate only, this decides. Where `hasLinks` is true, the conditions
  /// that follow links are left to `matches(_:following:)`.
  public func matches(_ resource: Resource) -> Bool {
    resource.type == resourceType
      && conditions.allSatisfy { condition in
        switch condition {
        case .criterion(let criterion): criterion.matches(resource)
        case .compartment(let membership): membership.matches(resource)
        case .chain, .has, .list: true
        }
      }
  }

  /// Whether a resource is of the type and fulfils every condition. Those that need no links are
  /// decided first.
  public func matches(_ resource: Resource, following links: some SearchLinks) throws -> Bool {
    guard matches(resource) else { return false }
    for condition in conditions where condition.followsLinks {
      guard try condition.matches(resource, following: links) else { return false }
    }
    return true
  }
}

extension SearchCondition {
  /// Whether other resources must be read to decide it.
  public var followsLinks: Bool {
    switch self {
    case .criterion, .compartment: false
    case .chain, .has, .list: true
    }
  }
}
