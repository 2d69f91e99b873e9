/// One parameter of a query with its alternatives, decided on the resource alone: `date=ge2020`,
/// `code=a,b`, `name:exact=Li`.
public struct SearchCriterion: Hashable, Sendable {
  /// The type that is searched: it says under which terms values are indexed.
  public let resourceType: String
  public let parameter: SearchParameter
  /// As in the query, without its colon; the modifiers `missing`, `not`, `exact`, `Patient` and so on.
  public let modifier: String?
  let condition: Condition

  /// What must hold.
  enum Condition: Hashable, Sendable {
    case missing(Bool)
    case some(ValueTest)
    /// No value of the resource matches any of these (`:not`).
    case noneOf([TokenCondition])
    /// Of one group of components at least, all of one alternative.
    case composite([[ValueTest]])
    case near([NearCondition])
  }

  /// Whether a resource of the type that the criterion was made for fulfils it.
  public func matches(_ resource: Resource) -> Bool {
    let root = resource.root
    switch condition {
    case .missing(let isMissing): return isPresent(in: root) != isMissing
    case .some(let test): return test.holds(parameter.source, in: root, of: root)
    case .noneOf(let unwanted):
      return !ValueTest.tokens(unwanted).holds(parameter.source, in: root, of: root)
    case .composite(let alternatives):
      return anyGroup(in: root) { element, components in
        alternatives.contains { tests in
          zip(tests, components).allSatisfy { $0.holds($1, in: element, of: root) }
        }
      }
    case .near(let wanted):
      return parameter.source.positions(in: root).contains { position in
        wanted.contains { $0.matches(position) }
      }
    }
  }

  private func isPresent(in root: JSONValue) -> Bool {
    guard parameter.kind == .composite else { return parameter.source.isPresent(in: root) }
    return anyGroup(in: root) { element, components in
      components.allSatisfy { $0.isPresent(in: element, of: root) }
    }
  }

  /// Whether `body` is true of one of the elements that hold components together.
  private func anyGroup(
    in root: JSONValue, _ body: (JSONValue, [SearchSource]) -> Bool
  ) -> Bool {
    parameter.groups.contains { group in
      // The type of the path plays no part in walking.
      let path = SearchPath(steps: group.steps, type: .resource)
      return !path.visit(root) { !body($0, group.components) }
    }
  }
}
