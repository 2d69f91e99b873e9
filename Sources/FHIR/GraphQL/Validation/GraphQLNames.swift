import Primitives

/// What must hold of a document's names, whatever the types are (October 2021, 5.2, 5.5 and 5.8):
/// operations are told apart, fragments are there and in no circle, variables are declared.
///
/// Selections are counted as often as fragments bring them, before anything is followed.
struct GraphQLNames {
  private let document: GraphQLDocument
  private let source: GraphQLSource
  private let limits: GraphQLLimits
  /// What a fragment comes to: the selections in it and how deep they are nested.
  private var known: [String: (count: Int, depth: Int)] = [:]
  private var open: Set<String> = []
  private var used: [String: Set<String>] = [:]

  private init(_ document: GraphQLDocument, _ source: GraphQLSource, _ limits: GraphQLLimits) {
    self.document = document
    self.source = source
    self.limits = limits
  }

  static func check(
    _ document: GraphQLDocument, _ source: GraphQLSource, _ limits: GraphQLLimits
  ) throws(GraphQLFault) {
    var names = GraphQLNames(document, source, limits)
    try names.check()
  }

  private mutating func check() throws(GraphQLFault) {
    var operations: Set<String> = []
    for operation in document.operations {
      guard let name = operation.name else {
        guard document.operations.count == 1 else {
          throw fault("an operation without a name has to be the only one", operation.offset)
        }
        continue
      }
      guard operations.insert(name).inserted else {
        throw fault("two operations have one name", operation.offset)
      }
    }
    // Also those that nothing spreads: a document is right as a whole.
    for name in document.fragments.keys.sorted() { _ = try size(ofFragment: name, 0) }
    for operation in document.operations {
      let size = try size(of: operation.selections)
      guard size.count <= limits.selections else {
        throw source.fault(
          PeerChartError(.tooLarge, "more is selected than one request may"), at: operation.offset)
      }
      guard size.depth <= limits.depth else {
        throw source.fault(
          PeerChartError(.tooLarge, "this is nested deeper than is allowed"), at: operation.offset)
      }
      let declared = Set(operation.variables.map(\.name))
      var walk = VariableWalk(document: document)
      walk.visit(operation.directives)
      walk.visit(operation.selections)
      if let (_, offset) = walk.found.first(where: { !declared.contains($0.name) }) {
        throw fault("a variable is not declared", offset)
      }
    }
  }

  private mutating func size(
    of set: GraphQLSelectionSet
  ) throws(GraphQLFault) -> (count: Int, depth: Int) {
    var count = 0
    var depth = 0
    for selection in set.selections {
      let inner: (count: Int, depth: Int)
      switch selection {
      case .field(let field):
        inner = try field.selections.map { set throws(GraphQLFault) in try size(of: set) } ?? (0, 0)
      case .inline(_, _, let set, _): inner = try size(of: set)
      case .spread(let name, _, let offset): inner = try size(ofFragment: name, offset)
      }
      count = min(count + 1 + inner.count, limits.selections + 1)
      depth = max(depth, inner.depth)
    }
    return (count, depth + 1)
  }

  private mutating func size(
    ofFragment name: String, _ offset: Int
  ) throws(GraphQLFault) -> (count: Int, depth: Int) {
    if let known = known[name] { return known }
    guard let fragment = document.fragments[name] else {
      throw fault("there is no fragment of that name", offset)
    }
    guard open.insert(name).inserted else {
      throw fault("fragments lead in a circle", offset)
    }
    // A chain of fragments is as deep as there are fragments.
    guard open.count <= limits.depth * 4 else {
      throw source.fault(
        PeerChartError(.tooLarge, "this is nested deeper than is allowed"), at: offset)
    }
    let size = try size(of: fragment.selections)
    open.remove(name)
    known[name] = size
    return size
  }

  private func fault(_ reason: String, _ offset: Int) -> GraphQLFault {
    source.fault(PeerChartError(.invalid, reason), at: offset)
  }

  /// Collects the variables that an operation uses, through its fragments, each of them once.
  private struct VariableWalk {
    let document: GraphQLDocument
    var found: [(name: String, offset: Int)] = []
    private var seen: Set<String> = []

    init(document: GraphQLDocument) { self.document = document }

    mutating func visit(_ set: GraphQLSelectionSet) {
      for selection in set.selections {
        switch selection {
        case .field(let field):
          for argument in field.arguments { visit(argument.value, argument.offset) }
          visit(field.directives)
          if let inner = field.selections { visit(inner) }
        case .inline(_, let directives, let inner, _):
          visit(directives)
          visit(inner)
        case .spread(let name, let directives, _):
          visit(directives)
          guard seen.insert(name).inserted, let fragment = document.fragments[name] else {
            continue
          }
          visit(fragment.directives)
          visit(fragment.selections)
        }
      }
    }

    mutating func visit(_ directives: [GraphQLDirective]) {
      for directive in directives {
        for argument in directive.arguments { visit(argument.value, argument.offset) }
      }
    }

    private mutating func visit(_ value: GraphQLValue, _ offset: Int) {
      switch value {
      case .variable(let name): found.append((name, offset))
      case .list(let values): for value in values { visit(value, offset) }
      case .object(let members): for member in members { visit(member.value, offset) }
      default: break
      }
    }
  }
}
