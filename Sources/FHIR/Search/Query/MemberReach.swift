/// Which members of a resource conditions look at.
struct MemberReach {
  private(set) var names = MemberNames()
  /// Whether they look beyond members that can be named.
  private(set) var isWhole = false
  private var reached = NumberSet()

  /// Those that `body` adds.
  mutating func members(_ body: (inout Self) -> Void) -> NumberSet {
    reached = NumberSet()
    body(&self)
    return reached
  }

  mutating func add(_ name: String) {
    if let number = names.add(name) { reached.insert(number) } else { isWhole = true }
  }

  mutating func add(_ condition: SearchCondition, of type: String) {
    switch condition {
    case .criterion(let criterion): add(criterion.parameter)
    case .compartment(let membership):
      // The resource that a compartment is about belongs to it by its id.
      if membership.compartment.rawValue == type { add("id") }
      for parameter in membership.compartment.parameters(of: type) { add(parameter) }
    case .chain, .has, .list: isWhole = true
    }
  }

  /// Where the ways to its values and to those of its components begin.
  private mutating func add(_ parameter: SearchParameter) {
    add(parameter.source)
    for group in parameter.groups {
      if let first = group.steps.first { add(first.name) }
      for component in group.components { add(component) }
    }
  }

  private mutating func add(_ source: SearchSource) {
    for path in source.paths {
      if let first = path.steps.first { add(first.name) }
    }
  }
}
