import Primitives

extension PathEvaluator {
  /// Functions of whole collections (FHIRPath 2.0, 5.1, 5.3 and 5.4).
  func sets(
    _ function: FHIRPathFunction, _ node: PathNode, _ input: FHIRPathCollection,
    _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    switch function {
    case .first: return FHIRPathCollection(input.first)
    case .last: return FHIRPathCollection(input.last)
    case .single: return FHIRPathCollection(try single(input, node))
    case .tail: return try slice(input, from: 1, count: nil)
    case .skip:
      guard let count = try integer(node.operands[1], scope) else { return .empty }
      return try slice(input, from: Int(max(0, count)), count: nil)
    case .take:
      guard let count = try integer(node.operands[1], scope) else { return .empty }
      return try slice(input, from: 0, count: Int(max(0, count)))
    case .distinct: return FHIRPathCollection(try set(input).items)
    case .isDistinct:
      var found = ItemSet(self)
      for item in input where try !found.insert(item) { return result(false) }
      return result(true)
    default: break
    }
    let other = try evaluate(node.operands[1], scope)
    switch function {
    case .subsetOf: return result(try isSubset(input, of: other))
    case .supersetOf: return result(try isSubset(other, of: input))
    case .union: return try union(input, other)
    case .combine:
      var all = input
      try budget.check(items: input.count + other.count)
      try budget.charge(other.count)
      all.append(contentsOf: other)
      return all
    case .intersect:
      let wanted = try set(other)
      var found = ItemSet(self)
      for item in input where try wanted.contains(item) { _ = try found.insert(item) }
      return FHIRPathCollection(found.items)
    default:
      // `exclude` keeps what stands twice.
      let unwanted = try set(other)
      var found = FHIRPathCollection()
      for item in input where try !unwanted.contains(item) { found.append(item) }
      return found
    }
  }

  /// `|`: the items of both, each once.
  func union(
    _ left: FHIRPathCollection, _ right: FHIRPathCollection
  ) throws(PeerChartError) -> FHIRPathCollection {
    if right.isEmpty, left.count < 2 { return left }
    if left.isEmpty, right.count < 2 { return right }
    var found = try set(left)
    for item in right { _ = try found.insert(item) }
    try budget.check(items: found.items.count)
    return FHIRPathCollection(found.items)
  }

  private func set(_ items: FHIRPathCollection) throws(PeerChartError) -> ItemSet {
    var found = ItemSet(self)
    for item in items {
      try budget.charge()
      _ = try found.insert(item)
    }
    return found
  }

  private func isSubset(
    _ items: FHIRPathCollection, of all: FHIRPathCollection
  ) throws(PeerChartError) -> Bool {
    let known = try set(all)
    for item in items {
      try budget.charge()
      if try !known.contains(item) { return false }
    }
    return true
  }

  private func slice(
    _ items: FHIRPathCollection, from start: Int, count: Int?
  ) throws(PeerChartError) -> FHIRPathCollection {
    try budget.charge(items.count / 8)
    let rest = items.dropFirst(start)
    return FHIRPathCollection(Array(count.map { rest.prefix($0) } ?? rest))
  }
}
