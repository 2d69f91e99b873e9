import Primitives

extension PathEvaluator {
  /// A call of a function on its input.
  func call(
    _ function: FHIRPathFunction, _ node: PathNode, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    let input = try evaluate(node.operands[0], scope)
    switch function {
    case .empty: return result(input.isEmpty)
    case .exists:
      guard node.operands.count > 1 else { return result(!input.isEmpty) }
      return result(try first(input, where: node.operands[1], scope) != nil)
    case .not: return result(try truth(of: input, node).map { !$0 })
    case .count: return FHIRPathCollection(.integer(Int32(clamping: input.count)))
    case .where, .select, .all, .repeat, .aggregate, .iif, .trace:
      return try iteration(function, node, input, scope)
    case .allTrue, .anyTrue, .allFalse, .anyFalse: return try booleans(function, input, node)
    case .subsetOf, .supersetOf, .distinct, .isDistinct, .single, .first, .last, .tail, .skip,
      .take, .intersect, .exclude, .union, .combine:
      return try sets(function, node, input, scope)
    case .is: return try isType(input, node)
    case .as, .ofType: return try only(input, ofTypeOf: node)
    case .type: return try typeInfo(input)
    case .toBoolean, .toInteger, .toDate, .toDateTime, .toDecimal, .toQuantity, .toString, .toTime,
      .convertsToBoolean, .convertsToInteger, .convertsToDate, .convertsToDateTime,
      .convertsToDecimal, .convertsToQuantity, .convertsToString, .convertsToTime:
      return try conversion(function, node, input, scope)
    case .indexOf, .lastIndexOf, .substring, .startsWith, .endsWith, .contains, .upper, .lower,
      .replace, .matches, .matchesFull, .replaceMatches, .length, .toChars, .split, .join, .trim:
      return try strings(function, node, input, scope)
    case .abs, .ceiling, .exp, .floor, .ln, .log, .power, .round, .sqrt, .truncate:
      return try math(function, node, input, scope)
    case .children: return try children(of: input)
    case .descendants: return try descendants(of: input)
    case .now, .today, .timeOfDay: return FHIRPathCollection(try clock(function, node))
    case .extension, .hasValue, .getValue, .resolve, .memberOf, .conformsTo, .htmlChecks:
      return try fhir(function, node, input, scope)
    }
  }

  // MARK: Functions that evaluate their argument for each item

  private func iteration(
    _ function: FHIRPathFunction, _ node: PathNode, _ input: FHIRPathCollection,
    _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    let argument = node.operands[1]
    switch function {
    case .where:
      var found = FHIRPathCollection()
      try forEach(input, scope) { item, inner throws(PeerChartError) in
        if try truth(of: evaluate(argument, inner), argument) == true { found.append(item) }
        return true
      }
      return found
    case .select:
      var found = FHIRPathCollection()
      try forEach(input, scope) { _, inner throws(PeerChartError) in
        found.append(contentsOf: try evaluate(argument, inner))
        try budget.check(items: found.count)
        return true
      }
      return found
    case .all:
      var holds = true
      try forEach(input, scope) { _, inner throws(PeerChartError) in
        holds = try truth(of: evaluate(argument, inner), argument) == true
        return holds
      }
      return result(holds)
    case .repeat: return try repeated(argument, input, scope)
    case .aggregate:
      var total = node.operands.count > 2 ? try evaluate(node.operands[2], scope) : .empty
      for (index, item) in input.enumerated() {
        let inner = PathScope(
          this: FHIRPathCollection(item), index: Int32(clamping: index), total: total)
        total = try evaluate(argument, inner)
        try budget.check(items: total.count)
      }
      return total
    case .iif:
      let inner = PathScope(this: input, index: scope.index, total: scope.total)
      if try truth(of: evaluate(argument, inner), argument) == true {
        return try evaluate(node.operands[2], inner)
      }
      return node.operands.count > 3 ? try evaluate(node.operands[3], inner) : .empty
    default: return try traced(node, input, scope)
    }
  }

  private func traced(
    _ node: PathNode, _ input: FHIRPathCollection, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    let name = try string(node.operands[1], scope) ?? ""
    guard let tracer = environment.tracer else { return input }
    var shown = input
    if node.operands.count > 2 {
      shown = .empty
      try forEach(input, scope) { _, inner throws(PeerChartError) in
        shown.append(contentsOf: try evaluate(node.operands[2], inner))
        try budget.check(items: shown.count)
        return true
      }
    }
    tracer(name, shown)
    return input
  }

  func forEach(
    _ input: FHIRPathCollection, _ scope: PathScope,
    _ body: (FHIRPathItem, PathScope) throws(PeerChartError) -> Bool
  ) throws(PeerChartError) {
    for (index, item) in input.enumerated() {
      let inner = PathScope(
        this: FHIRPathCollection(item), index: Int32(clamping: index), total: scope.total)
      guard try body(item, inner) else { return }
    }
  }

  private func first(
    _ input: FHIRPathCollection, where argument: PathNode, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathItem? {
    var found: FHIRPathItem?
    try forEach(input, scope) { item, inner throws(PeerChartError) in
      if try truth(of: evaluate(argument, inner), argument) == true { found = item }
      return found == nil
    }
    return found
  }

  /// `repeat`: what the projection gives, and what it gives for that, each item once.
  private func repeated(
    _ argument: PathNode, _ input: FHIRPathCollection, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    var found = ItemSet(self)
    var queue = Array(input)
    var next = 0
    while next < queue.count {
      let inner = PathScope(
        this: FHIRPathCollection(queue[next]), index: Int32(clamping: next), total: scope.total)
      next += 1
      for item in try evaluate(argument, inner) where try found.insert(item) {
        queue.append(item)
        try budget.check(items: found.items.count)
      }
    }
    return FHIRPathCollection(found.items)
  }

  private func booleans(
    _ function: FHIRPathFunction, _ input: FHIRPathCollection, _ node: PathNode
  ) throws(PeerChartError) -> FHIRPathCollection {
    try budget.charge(input.count)
    let values = input.compactMap(\.boolean)
    guard values.count == input.count else { throw fault(node, "only Booleans may be here") }
    switch function {
    case .allTrue: return result(values.allSatisfy { $0 })
    case .anyTrue: return result(values.contains(true))
    case .allFalse: return result(values.allSatisfy { !$0 })
    default: return result(values.contains(false))
    }
  }

  // MARK: Navigation and time

  func children(of input: FHIRPathCollection) throws(PeerChartError) -> FHIRPathCollection {
    var found = FHIRPathCollection()
    for case .element(let element) in input {
      try element.forEachChild(in: types) { child throws(PeerChartError) in
        try budget.charge()
        found.append(.element(child))
        try budget.check(items: found.count)
        return true
      }
    }
    return found
  }

  private func descendants(
    of input: FHIRPathCollection
  ) throws(PeerChartError) -> FHIRPathCollection {
    var found: [FHIRPathItem] = []
    var level = try children(of: input)
    while !level.isEmpty {
      found.append(contentsOf: level)
      try budget.check(items: found.count)
      level = try children(of: level)
    }
    return FHIRPathCollection(found)
  }

  private func clock(
    _ function: FHIRPathFunction, _ node: PathNode
  ) throws(PeerChartError) -> FHIRPathItem? {
    guard let now = environment.now,
      let value = FHIRPathTemporal(now, offsetMinutes: environment.zoneMinutes)
    else { throw fault(node, "no time was given to this evaluation") }
    switch function {
    case .now: return .temporal(value)
    case .today: return .temporal(value.converted(to: .date))
    default: return .temporal(value.converted(to: .time))
    }
  }
}
