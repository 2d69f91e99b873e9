/// An element of a resource type that has terms in the index, read as one kind of value. A class, so
/// that walking a resource passes it on without copying its parts.
final class IndexField: Sendable {
  /// Distinct within a type, but for the types of a choice element, which share their terms.
  let number: Int
  /// The path of the element; the same in every query and every resource.
  let name: String
  let kind: SearchParameter.Kind
  let type: SearchPath.ElementType
  /// The codes that are too common to narrow a search: they have no terms.
  let common: Set<String>
  /// How many scalars the terms of a string have.
  let lengths: [Int]
  /// Of a reference, the field of its identifier.
  let byIdentifier: IndexField?

  /// - Parameter element: the last member name on the path.
  init(
    number: Int, name: String, kind: SearchParameter.Kind, type: SearchPath.ElementType,
    element: String
  ) {
    self.number = number
    self.name = name
    self.kind = kind
    self.type = type
    common = kind == .token ? CommonCodes.codes(in: element) : []
    lengths = kind == .string ? StringTerm.lengths(of: element, type) : []
    byIdentifier =
      kind == .reference && type == .reference
      ? IndexField(
        number: -1 - number, name: name + ":identifier", kind: .token, type: .identifier,
        element: "") : nil
  }

  /// Adds the terms of one element.
  func collect(_ value: JSONValue, into collector: inout IndexTermCollector) {
    switch kind {
    case .token: collectTokens(value, into: &collector)
    case .reference:
      guard let reference = ReferenceValue(value, SearchPath(steps: [], type: type)) else { return }
      reference.literal.map { collector.add(self, ReferenceTerm.term(of: $0)) }
      if let byIdentifier { reference.identifier.map { collector.add(byIdentifier, $0.code) } }
    case .date:
      guard let interval = ElementReader.date(value, type) else { return }
      for term in DateTerms.terms(of: interval) { collector.add(self, term) }
    case .string:
      var texts: [SearchText] = []
      ElementReader.strings(value, type, to: &texts)
      for text in texts {
        for term in StringTerm.terms(of: text, lengths) { collector.add(self, term) }
      }
    case .number:
      ElementReader.number(value, type).map { collector.add(self, NumberTerms.term(of: $0)) }
    case .quantity:
      QuantityValue(value, type).map { collector.add(self, NumberTerms.term(of: $0.interval)) }
    case .uri:
      guard let uri = UriValue(value, type) else { return }
      for term in UriTerm.terms(of: uri) { collector.add(self, term) }
    case .composite, .special: return
    }
  }

  private func collectTokens(_ value: JSONValue, into collector: inout IndexTermCollector) {
    var tokens: [TokenValue] = []
    ElementReader.tokens(value, type, to: &tokens)
    for token in tokens where !common.contains(token.code) { collector.add(self, token.code) }
  }
}
