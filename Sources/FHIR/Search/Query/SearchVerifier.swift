/// Decides for one record after the other whether it fulfils a query.
///
/// It answers as `SearchQuery.matches(_:following:)` does. But a condition looks at a few members of a resource
/// only, and the records that a search tries have much in common: they are about one patient, they bear one
/// code. So the text of a record is passed over up to these members, and where they read as they did in the
/// record before, the answer is known.
///
/// For texts that were parsed whole before they were stored, one after the other.
public final class SearchVerifier {
  public let query: SearchQuery
  /// What the conditions look at; nil where they look at resources around it as well.
  private let wanted: MemberNames?
  private let type: NumberSet
  private var checks: [Check] = []

  private struct Check {
    var question: Question
    /// The members that it looks at.
    let members: NumberSet
    /// What it came to last, and of what.
    var last: (text: PickedText, holds: Bool)?
  }

  public init(_ query: SearchQuery) {
    self.query = query
    var reach = MemberReach()
    type = reach.members { $0.add("resourceType") }
    var checks = [Check(question: .type(query.resourceType), members: type)]
    var ranges: [String: Int] = [:]
    for condition in query.conditions {
      let question = Question(condition)
      if case .dates(let parameter, _) = question {
        if let known = ranges[parameter.name] {
          checks[known].question.add(question)
          continue
        }
        ranges[parameter.name] = checks.count
      }
      let members = reach.members { $0.add(condition, of: query.resourceType) }
      checks.append(Check(question: question, members: members))
    }
    wanted = reach.isWhole || checks.count > NumberSet.end ? nil : reach.names
    if wanted != nil { self.checks = checks }
  }

  /// Whether a resource fulfils every condition.
  ///
  /// - Throws: `malformed` for a text that was not parsed before; what `links` throws.
  public func matches(_ bytes: [UInt8], following links: some SearchLinks) throws -> Bool {
    guard let wanted else {
      return try query.matches(Resource(parsing: bytes), following: links)
    }
    let text = try PickedText(bytes, wanted)
    var open = NumberSet()
    var members = type
    for (number, check) in checks.enumerated() {
      if let last = check.last, text.isSame(as: last.text, check.members) {
        guard last.holds else { return false }
      } else {
        open.insert(number)
        members.formUnion(check.members)
      }
    }
    guard !open.isEmpty else { return true }
    let resource = try Resource(picking: members, of: text)
    for number in checks.indices where open.contains(number) {
      let holds = try checks[number].question.holds(of: resource, following: links)
      checks[number].last = (text, holds)
      guard holds else { return false }
    }
    return true
  }
}

/// What is asked of a resource.
private enum Question {
  case type(String)
  case condition(SearchCondition)
  /// For each list a value that fulfils one of it: the bounds of a range, for which the values are read once.
  case dates(SearchParameter, [[DateCondition]])

  init(_ condition: SearchCondition) {
    if case .criterion(let criterion) = condition,
      case .some(.dates(let wanted)) = criterion.condition
    {
      self = .dates(criterion.parameter, [wanted])
    } else {
      self = .condition(condition)
    }
  }

  /// Takes in what another asks of the same parameter.
  mutating func add(_ other: Question) {
    guard case .dates(let parameter, let lists) = self, case .dates(_, let more) = other else {
      return
    }
    self = .dates(parameter, lists + more)
  }

  func holds(of resource: Resource, following links: some SearchLinks) throws -> Bool {
    switch self {
    case .type(let name): return resource.type == name
    case .condition(let condition): return try condition.matches(resource, following: links)
    case .dates(let parameter, let lists):
      let values = parameter.source.dates(in: resource.root, of: resource.root)
      return lists.allSatisfy { wanted in
        values.contains { value in wanted.contains { $0.matches(value) } }
      }
    }
  }
}
