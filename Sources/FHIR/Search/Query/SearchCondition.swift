/// What a search asks of a resource: of itself, or of resources that are linked to it.
///
/// A criterion is decided on the resource alone, as are a compartment and a list once that is read.
/// For the others whoever holds the records follows the links, seeing only what the caller may see.
public indirect enum SearchCondition: Hashable, Sendable {
  case criterion(SearchCriterion)
  /// `subject:Patient.name=x`: some resource that it refers to fulfils a condition.
  case chain(SearchChain)
  /// `_has:Observation:patient:code=x`: some resource that refers to it fulfils a condition.
  case has(SearchReverseChain)
  /// `_list=id`: it is an entry of that List.
  case list(String)
  /// It belongs to a compartment (`Patient/123/Observation`).
  case compartment(CompartmentMembership)
}

/// A condition on what a resource refers to (R4 3.1.1.4.5).
public struct SearchChain: Hashable, Sendable {
  /// The type whose resources have the reference.
  public let resourceType: String
  public let reference: SearchParameter
  /// What must hold of a referenced resource, for each type that it can have and for which the rest of
  /// the chain has a meaning. One of them suffices.
  public let branches: [Branch]

  /// A type that can be referred to, and the condition on resources of it.
  public struct Branch: Hashable, Sendable {
    public let type: String
    public let condition: SearchCondition
  }

  /// The resources on this server that a resource refers to by the parameter and that can fulfil the
  /// chain, without repetition.
  public func targets(in resource: Resource) -> [ReferenceTarget] {
    reference.localTargets(in: resource).filter { target in
      branches.contains { $0.type == target.type }
    }
  }

  /// Terms of which every resource of `resourceType` that refers to `target` has one; nil where the
  /// reference is not indexed.
  public func terms(for target: ReferenceTarget) -> [IndexTerm]? {
    reference.terms(in: resourceType, for: target)
  }
}

/// A condition on what refers to a resource (R4 3.1.1.4.6).
public struct SearchReverseChain: Hashable, Sendable {
  /// The type of the referring resources.
  public let sourceType: String
  /// Their parameter that refers here.
  public let reference: SearchParameter
  /// What must hold of a referring resource.
  public let condition: SearchCondition

  /// Whether a resource of `sourceType` refers to `target`.
  public func refers(_ source: Resource, to target: ReferenceTarget) -> Bool {
    source.type == sourceType && reference.refers(source, to: target)
  }

  /// Terms of which every resource of `sourceType` that refers to `target` has one; nil where the
  /// reference is not indexed.
  public func terms(for target: ReferenceTarget) -> [IndexTerm]? {
    reference.terms(in: sourceType, for: target)
  }
}

extension SearchParameter {
  /// The resources on this server that a reference parameter finds in a resource, unversioned and
  /// without repetition.
  public func localTargets(in resource: Resource) -> [ReferenceTarget] {
    guard kind == .reference else { return [] }
    var found: Set<ReferenceTarget> = []
    return source.references(in: resource.root).compactMap(\.localTarget)
      .map { ReferenceTarget(type: $0.type, id: $0.id) }
      .filter { (targets.isEmpty || targets.contains($0.type)) && found.insert($0).inserted }
  }

  /// Whether `localTargets` holds `target`, without making the list: a Provenance has a thousand.
  public func refers(_ resource: Resource, to target: ReferenceTarget) -> Bool {
    guard kind == .reference, target.base == nil, target.version == nil,
      targets.isEmpty || targets.contains(target.type)
    else { return false }
    return source.refers(to: target, in: resource.root)
  }

  /// Terms of which every resource of `type` has one that refers to `target` by this parameter; nil
  /// where the index cannot tell.
  public func terms(in type: String, for target: ReferenceTarget) -> [IndexTerm]? {
    ValueTest.references([.target(target)])
      .terms(source.paths, kind, IndexLayout.layout(of: type))
  }
}
