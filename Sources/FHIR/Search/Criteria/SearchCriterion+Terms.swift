extension SearchCriterion {
  /// Lists of terms, each of which has at least one term of every resource that matches. Empty where
  /// the index cannot tell; a composite has one for each component that it can.
  var termLists: [[IndexTerm]] {
    let layout = IndexLayout.layout(of: resourceType)
    switch condition {
    case .missing, .noneOf, .near: return []
    case .some(let test):
      return [test.terms(parameter.source.paths, parameter.kind, layout)].compactMap(Self.usable)
    case .composite(let alternatives):
      let count = parameter.groups.first?.components.count ?? 0
      return (0..<count).map { number in
        var all: [IndexTerm] = []
        for group in parameter.groups {
          let component = group.components[number]
          let paths = component.paths.map { path in
            path.isFromResource
              ? path
              : SearchPath(steps: group.steps + path.steps, type: path.type, target: path.target)
          }
          for tests in alternatives {
            guard let terms = tests[number].terms(paths, component.kind, layout) else { return nil }
            all += terms
          }
        }
        return all
      }.compactMap(Self.usable)
    }
  }

  /// Without repetitions; nil where they are too many.
  private static func usable(_ terms: [IndexTerm]?) -> [IndexTerm]? {
    guard let terms else { return nil }
    var seen: Set<IndexTerm> = []
    let distinct = terms.filter { seen.insert($0).inserted }
    return distinct.count <= SearchLimits.termsInCriterion ? distinct : nil
  }
}

extension ValueTest {
  /// Terms of which every resource has one in which the values at these paths pass the test; nil where
  /// the index cannot tell.
  func terms(
    _ paths: [SearchPath], _ kind: SearchParameter.Kind, _ layout: IndexLayout
  ) -> [IndexTerm]? {
    var all: [IndexTerm] = []
    for path in paths {
      guard let field = layout.field(for: path, kind), let terms = terms(in: field) else {
        return nil
      }
      all += terms
    }
    return all
  }

  private func terms(in field: IndexField) -> [IndexTerm]? {
    switch self {
    case .tokens(let wanted): Self.joined(wanted, field) { Self.terms(of: $0, field) }
    case .texts: nil
    case .typedIdentifiers(let wanted):
      // Only identifiers have a type: other elements add nothing.
      field.type == .identifier ? Self.joined(wanted, field) { [$0.value] } : []
    case .references(let wanted): Self.joined(wanted, field) { $0.terms(in: field) }
    case .identifiers(let wanted):
      // Only a Reference has an identifier: other elements add nothing.
      field.byIdentifier.map { field in Self.joined(wanted, field) { $0.code.map { [$0] } } } ?? []
    case .dates(let wanted):
      Self.joined(wanted, field) { $0.envelope.flatMap(DateTerms.cover(of:)) }
    case .numbers(let wanted): Self.joined(wanted, field, Self.terms)
    case .quantities(let wanted): Self.joined(wanted, field) { Self.terms(of: $0.number) }
    case .strings(_, .contains): nil
    case .strings(let wanted, _):
      Self.joined(wanted, field) { StringTerm.prefix($0, field.lengths).map { [$0] } }
    case .uris(let wanted): Self.joined(wanted, field, UriTerm.terms)
    }
  }

  /// The terms of all alternatives; nil as soon as one of them has none.
  private static func joined<Wanted>(
    _ wanted: [Wanted], _ field: IndexField, _ terms: (Wanted) -> [String]?
  ) -> [IndexTerm]? {
    var all: [IndexTerm] = []
    for one in wanted {
      guard let terms = terms(one) else { return nil }
      all += terms.map { IndexTerm(parameter: field.name, value: $0) }
    }
    return all
  }

  private static func terms(of token: TokenCondition, _ field: IndexField) -> [String]? {
    guard let code = token.code else { return nil }
    return field.common.contains(code) ? nil : [code]
  }

  private static func terms(of number: NumberCondition) -> [String]? {
    number.envelope.flatMap { NumberTerms.cover($0.low, $0.high) }
  }
}

extension ReferenceCondition {
  func terms(in field: IndexField) -> [String] {
    switch self {
    case .id(let id, _): [id]
    case .target(let target):
      // A canonical or a uri that looks like a reference is indexed as it is.
      [
        field.type == .canonical || field.type == .uri
          ? target.unversioned : ReferenceTerm.term(of: .target(target))
      ]
    case .url(let url, nil): [url]
    // A canonical is indexed without its version, another URL as it is.
    case .url(let url, let version?): [url, url + "|" + version]
    }
  }
}
