import Primitives

/// Puts fragments and directives out of the way: the fields of selections in the order of the answer
/// (October 2021, 6.3.2), and what their arguments are with the variables filled in.
struct GraphQLSelectionReader {
  /// Fields of one name in the answer: one field, whose selections are made together.
  struct Group {
    let field: GraphQLField
    var sets: [GraphQLSelectionSet]
  }

  let request: GraphQLRequest

  init(_ request: GraphQLRequest) { self.request = request }

  /// - Throws: `invalid` for two different fields of one name.
  func groups(
    of sets: [GraphQLSelectionSet], on type: GraphQLType
  ) throws(PeerChartError) -> [Group] {
    var groups: [Group] = []
    var places: [String: Int] = [:]
    var seen: Set<String> = []
    for set in sets { try collect(set, type, &groups, &places, &seen) }
    return groups
  }

  private func collect(
    _ set: GraphQLSelectionSet, _ type: GraphQLType, _ groups: inout [Group],
    _ places: inout [String: Int], _ seen: inout Set<String>
  ) throws(PeerChartError) {
    for selection in set.selections {
      switch selection {
      case .field(let field):
        guard isIncluded(field.directives) else { continue }
        let inner = field.selections.map { [$0] } ?? []
        guard let place = places[field.key], !Self.isTarget(field) else {
          places[field.key] = groups.count
          groups.append(Group(field: field, sets: inner))
          continue
        }
        let other = groups[place].field
        guard other.name == field.name, other.arguments == field.arguments,
          other.directives == field.directives
        else {
          throw PeerChartError(.invalid, "two different fields have one name: use an alias")
        }
        groups[place].sets += inner
      case .inline(let condition, let directives, let inner, _):
        guard isIncluded(directives), condition.map(type.isA) ?? true else { continue }
        try collect(inner, type, &groups, &places, &seen)
      case .spread(let name, let directives, _):
        guard isIncluded(directives), seen.insert(name).inserted,
          let fragment = request.document.fragments[name], type.isA(fragment.type)
        else { continue }
        try collect(fragment.selections, type, &groups, &places, &seen)
      }
    }
  }

  /// `resource(type: Patient) {…} resource(type: Group) {…}` is FHIR's own example of two fields of
  /// one name: at most one of them is in the answer.
  private static func isTarget(_ field: GraphQLField) -> Bool {
    field.name == "resource" && field.argument("type") != nil
  }

  /// `@skip` and `@include`.
  func isIncluded(_ directives: [GraphQLDirective]) -> Bool {
    directives.allSatisfy { directive in
      guard let argument = directive.arguments.first(where: { $0.name == "if" }),
        case .boolean(let value) = self.value(argument.value)
      else { return true }
      switch directive.name {
      case "skip": return !value
      case "include": return value
      default: return true
      }
    }
  }

  /// The value with variables filled in; nil where an optional variable has none.
  func value(_ value: GraphQLValue) -> GraphQLValue? {
    switch value {
    case .variable(let name): request.variables[name]
    case .list(let values): .list(values.map { self.value($0) ?? .null })
    case .object(let members):
      .object(
        members.compactMap { member in
          self.value(member.value).map { GraphQLValue.Member(name: member.name, value: $0) }
        })
    default: value
    }
  }

  /// The argument's value; nil where there is none, or it is null.
  func argument(_ name: String, of field: GraphQLField) -> GraphQLValue? {
    field.argument(name).flatMap { value($0.value) }.flatMap { $0 == .null ? nil : $0 }
  }

  /// A scalar or a list of scalars as texts.
  func texts(_ value: GraphQLValue) -> [String]? {
    guard case .list(let values) = value else { return value.text.map { [$0] } }
    let texts = values.compactMap(\.text)
    return texts.count == values.count ? texts : nil
  }

  /// The types that a `resource` may have by its argument `type`; nil without it.
  func types(of field: GraphQLField) -> [String]? { argument("type", of: field).flatMap(texts) }
}
