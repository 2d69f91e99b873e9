import Foundation

/// Random whole searches, mostly near what is there, so that they meet it and just miss it.
package final class QueryMaker {
  private let world: OracleWorld
  private let questions: SearchQuestions
  /// `Type/id` to what refers to it, and by which parameter.
  private let referrers: [String: [(source: OracleRecord, name: String)]]
  private let everyone: [OracleRecord]
  private var namesByType: [String: [String]] = [:]

  private var oracle: SearchOracle { world.oracle }

  /// - Parameter world: everything that the server keeps, also what the caller may not see: forbidden
  ///   records are asked for as well.
  package init(_ world: OracleWorld) {
    self.world = world
    questions = SearchQuestions(oracle: world.oracle)
    everyone = world.types.flatMap { world.byType[$0] ?? [] }
    var referrers: [String: [(source: OracleRecord, name: String)]] = [:]
    for record in everyone {
      for (name, parameter) in (world.oracle.parameters[record.type] ?? [:])
        .sorted(by: { $0.key < $1.key }) where parameter.kind == "reference"
      {
        for address in record.links(parameter) where world.record(address) != nil {
          referrers[address, default: []].append((record, name))
        }
      }
    }
    self.referrers = referrers
  }

  package func query(_ random: inout OracleRandom) -> OracleQuery {
    let type = random.pick(world.types)
    let like = random.pick(world.byType[type] ?? everyone)
    var query: OracleQuery
    switch Int.random(in: 0..<100, using: &random) {
    case ..<8: query = compartment(&random)
    case ..<15: query = system(like, &random)
    default:
      query = OracleQuery(type: type)
      addCriteria(to: &query, like, &random)
    }
    addOptions(to: &query, &random)
    return query
  }

  // MARK: Where

  private func addCriteria(
    to query: inout OracleQuery, _ like: OracleRecord, _ random: inout OracleRandom
  ) {
    for _ in 0..<random.pick([0, 1, 1, 1, 2, 2, 3]) {
      // Now and then near another one, so that nothing has all of it.
      let other = random.chance(20) ? random.pick(world.byType[like.type] ?? [like]) : like
      guard let pair = condition(other, 3, &random) else { continue }
      query.pairs.append(pair)
      // A second bound on the same value.
      if oracle.parameter(pair.name, of: like.type)?.kind == "date", random.chance(40),
        let second = questions.criterion(pair.name, like: like, &random)
      {
        query.pairs.append(second)
      }
    }
    if random.chance(4), let list = world.byType["List"] {
      query.pairs.append((name: "_list", value: random.chance(90) ? random.pick(list).id : "none"))
    }
  }

  private func compartment(_ random: inout OracleRandom) -> OracleQuery {
    let owners = ["Patient", "Patient", "Encounter", "Practitioner", "Device", "RelatedPerson"]
      .filter { world.byType[$0] != nil }
    guard !owners.isEmpty else { return OracleQuery(type: random.pick(world.types)) }
    let owner = random.pick(owners)
    let id = random.chance(95) ? random.pick(world.byType[owner] ?? []).id : "none"
    let inside =
      (oracle.compartments[owner] ?? [:]).filter { !$0.value.isEmpty }.keys
      .filter { world.byType[$0] != nil }.sorted() + [owner]
    guard random.chance(60) else {
      var query = OracleQuery(type: nil, compartment: (owner, id))
      if random.chance(60) {
        let types = Set((0..<3).map { _ in random.pick(inside) }).sorted()
        query.pairs.append((name: "_type", value: types.joined(separator: ",")))
      }
      addCommon(to: &query, random.pick(everyone), &random)
      return query
    }
    let type = random.pick(inside)
    var query = OracleQuery(type: type, compartment: (owner, id))
    if let like = world.byType[type].map({ random.pick($0) }) {
      addCriteria(to: &query, like, &random)
    }
    return query
  }

  private func system(_ like: OracleRecord, _ random: inout OracleRandom) -> OracleQuery {
    var query = OracleQuery(type: nil)
    guard random.chance(75) else {
      addCommon(to: &query, like, &random)
      return query
    }
    let types = Set([like.type] + (0..<2).map { _ in random.pick(world.types) }).sorted()
      .shuffled(using: &random)
    query.pairs.append((name: "_type", value: types.joined(separator: ",")))
    let shared = shared(types)
    for _ in 0..<random.pick([0, 1, 1, 2]) {
      guard let pair = plain(random.pick(shared), like, &random), !pair.name.hasSuffix(":of-type"),
        types.allSatisfy({ canRefer(pair.name, from: $0) })
      else { continue }
      query.pairs.append(pair)
    }
    return query
  }

  private func addCommon(
    to query: inout OracleQuery, _ like: OracleRecord, _ random: inout OracleRandom
  ) {
    let names = (oracle.parameters["Resource"] ?? [:]).keys.sorted()
    if random.chance(60), let pair = plain(random.pick(names), like, &random) {
      query.pairs.append(pair)
    }
  }

  // MARK: Conditions

  private func names(of type: String) -> [String] {
    if let known = namesByType[type] { return known }
    let names = [oracle.parameters[type] ?? [:], oracle.parameters["Resource"] ?? [:]]
      .flatMap(\.keys).sorted()
    namesByType[type] = names
    return names
  }

  /// Whether the type behind the colon of a name, if there is one, is among those that the parameter refers
  /// to in resources of a type. Where it is not, the question is refused.
  private func canRefer(_ name: String, from type: String) -> Bool {
    let parts = name.components(separatedBy: ":")
    guard parts.count == 2, parts[1].first?.isUppercase == true,
      let parameter = oracle.parameter(parts[0], of: type)
    else { return true }
    return parameter.targets.isEmpty || parameter.targets.contains(parts[1])
  }

  /// The names that types have in common, of the same kind in all of them.
  private func shared(_ types: [String]) -> [String] {
    names(of: types[0]).filter { name in
      Set(types.map { oracle.parameter(name, of: $0)?.kind ?? "" }).count == 1
    }
  }

  private func condition(
    _ like: OracleRecord, _ depth: Int, _ random: inout OracleRandom
  ) -> (name: String, value: String)? {
    if depth > 0 {
      switch Int.random(in: 0..<100, using: &random) {
      case ..<15: if let pair = chain(like, depth, &random) { return pair }
      case ..<25: if let pair = reverse(like, depth, &random) { return pair }
      default: break
      }
    }
    let names = names(of: like.type)
    var name = random.pick(names)
    let mustHit = random.chance(60)
    // Rather what the resource has a value for.
    for _ in 0..<4 where random.chance(85) {
      guard let parameter = oracle.parameter(name, of: like.type),
        like.items(parameter.expression).isEmpty
      else { break }
      name = random.pick(names)
    }
    if mustHit, let pair = questions.hit(name, like: like, &random) { return pair }
    return plain(name, like, &random)
  }

  /// A criterion without links.
  private func plain(
    _ name: String, _ like: OracleRecord, _ random: inout OracleRandom
  ) -> (name: String, value: String)? {
    guard let pair = questions.criterion(name, like: like, &random),
      let parameter = oracle.parameter(name, of: like.type)
    else { return nil }
    // `subject:Patient=a` for `subject=Patient/a`.
    let parts = pair.value.split(separator: "/").map(String.init)
    if parameter.kind == "reference", pair.name == name, parts.count == 2,
      world.byType[parts[0]] != nil, random.chance(40),
      parameter.targets.isEmpty || parameter.targets.contains(parts[0])
    {
      return (name: "\(name):\(parts[0])", value: random.chance(70) ? parts[1] : pair.value)
    }
    return pair
  }

  private func chain(
    _ like: OracleRecord, _ depth: Int, _ random: inout OracleRandom
  ) -> (name: String, value: String)? {
    let ways = (oracle.parameters[like.type] ?? [:]).sorted { $0.key < $1.key }
      .flatMap { name, parameter in
        like.links(parameter).compactMap { address in
          world.record(address).map { (name, parameter, $0) }
        }
      }
    guard !ways.isEmpty else { return nil }
    let (name, parameter, target) = random.pick(ways)
    guard let rest = condition(target, depth - 1, &random) else { return nil }
    // Without the type only where few types can be meant.
    let isOpen = parameter.targets.isEmpty || parameter.targets.count > 3
    let type = isOpen || random.chance(50) ? ":" + target.type : ""
    return (name: "\(name)\(type).\(rest.name)", value: rest.value)
  }

  private func reverse(
    _ like: OracleRecord, _ depth: Int, _ random: inout OracleRandom
  ) -> (name: String, value: String)? {
    guard let ways = referrers[like.address] else { return nil }
    let (source, name) = random.pick(ways)
    guard let rest = condition(source, depth - 1, &random) else { return nil }
    return (name: "_has:\(source.type):\(name):\(rest.name)", value: rest.value)
  }

  // MARK: The answer

  private func addOptions(to query: inout OracleQuery, _ random: inout OracleRandom) {
    let types = world.types(of: query)
    if random.chance(30) {
      let sortable = shared(types.isEmpty ? world.types : types).filter { name in
        let kind = oracle.parameter(name, of: types.first ?? "")?.kind
        return kind != "composite" && kind != "special" && kind != nil
      }
      if !sortable.isEmpty {
        let keys = (0..<random.pick([1, 1, 2, 3])).map { _ in
          random.pick(["", "-"]) + random.pick(sortable)
        }
        query.pairs.append((name: "_sort", value: keys.joined(separator: ",")))
      }
    }
    if random.chance(25) {
      for _ in 0..<random.pick([1, 1, 2, 3]) { addInclude(to: &query, types, &random) }
    }
    if random.chance(40) {
      query.pairs.append((name: "_total", value: random.pick(["accurate", "accurate", "none"])))
    }
    switch Int.random(in: 0..<100, using: &random) {
    case ..<6: query.pairs.append((name: "_summary", value: "count"))
    case ..<9: query.pairs.append((name: "_summary", value: random.pick(["true", "data", "text"])))
    case ..<12: query.pairs.append((name: "_elements", value: "status,code,name"))
    default: break
    }
  }

  private func addInclude(
    to query: inout OracleQuery, _ types: [String], _ random: inout OracleRandom
  ) {
    let iterate = random.chance(35) ? ":iterate" : ""
    // Iterated ones go on from what other rules have drawn in.
    let type = iterate.isEmpty || random.chance(30) ? random.pick(types) : random.pick(world.types)
    if random.chance(50) {
      let references = (oracle.parameters[type] ?? [:]).filter { $0.value.kind == "reference" }
        .keys.sorted()
      guard !references.isEmpty, random.chance(85) else {
        query.pairs.append(
          (name: "_include" + iterate, value: random.pick(["*", "\(type):*"])))
        return
      }
      // Rather what a resource has, and a type that it leads to: HL7 lists some that cannot be.
      let like = random.pick(world.byType[type] ?? everyone)
      func links(_ name: String) -> [String] {
        oracle.parameter(name, of: like.type).map { like.links($0) } ?? []
      }
      let leading = references.filter { !links($0).isEmpty }
      let name = random.pick(leading.isEmpty || random.chance(15) ? references : leading)
      let known = links(name).compactMap { $0.components(separatedBy: "/").first }
      let target = known.isEmpty || random.chance(75) ? "" : ":" + random.pick(known)
      query.pairs.append((name: "_include" + iterate, value: "\(type):\(name)\(target)"))
    } else {
      let like = random.pick(world.byType[type] ?? everyone)
      guard let ways = referrers[like.address] else { return }
      let (source, name) = random.pick(ways)
      let target = random.chance(20) ? ":" + like.type : ""
      query.pairs.append(
        (
          name: "_revinclude" + iterate,
          value: random.chance(15) ? "\(source.type):*" : "\(source.type):\(name)\(target)"
        ))
    }
  }
}
