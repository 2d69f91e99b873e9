/// What must hold of the values of one kind: of a list, at least one for at least one value.
enum ValueTest: Hashable, Sendable {
  case tokens([TokenCondition])
  /// `:text` of a token.
  case texts([SearchText])
  case typedIdentifiers([TypedIdentifier])
  case references([ReferenceCondition])
  /// `:identifier` of a reference.
  case identifiers([TokenCondition])
  case dates([DateCondition])
  case numbers([NumberCondition])
  case quantities([QuantityCondition])
  case strings([SearchText], StringComparison)
  case uris([UriCondition])

  /// Whether it holds of the values that `source` finds below `root`, an element of `resource` or the
  /// resource itself.
  func holds(_ source: SearchSource, in root: JSONValue, of resource: JSONValue) -> Bool {
    switch self {
    case .tokens(let wanted):
      source.spells(wanted, in: root, of: resource)
        || source.tokens(in: root, of: resource).contains { value in
          wanted.contains { $0.matches(value) }
        }
    case .texts(let wanted):
      source.texts(in: root, of: resource).contains { text in
        wanted.contains { StringComparison.prefix.matches($0, text) }
      }
    case .typedIdentifiers(let wanted):
      source.typedIdentifiers(in: root, of: resource).contains { wanted.contains($0) }
    case .references(let wanted):
      source.spells(wanted, in: root, of: resource)
        || source.references(in: root, of: resource).contains { value in
          wanted.contains { $0.matches(value) }
        }
    case .identifiers(let wanted):
      source.references(in: root, of: resource).contains { value in
        value.identifier.map { identifier in wanted.contains { $0.matches(identifier) } } ?? false
      }
    case .dates(let wanted):
      source.dates(in: root, of: resource).contains { value in
        wanted.contains { $0.matches(value) }
      }
    case .numbers(let wanted):
      source.numbers(in: root, of: resource).contains { value in
        wanted.contains { $0.matches(value) }
      }
    case .quantities(let wanted):
      source.quantities(in: root, of: resource).contains { value in
        wanted.contains { $0.matches(value) }
      }
    case .strings(let wanted, let comparison):
      source.strings(in: root, of: resource).contains { text in
        wanted.contains { comparison.matches($0, text) }
      }
    case .uris(let wanted):
      source.uris(in: root, of: resource).contains { value in
        wanted.contains { $0.matches(value) }
      }
    }
  }
}
