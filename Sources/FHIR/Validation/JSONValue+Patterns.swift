extension JSONValue {
  /// Whether two values are the same: number literals digit by digit, members in any order.
  func isEqual(to other: JSONValue) -> Bool {
    switch (kind, other.kind) {
    case (.object, .object):
      count == other.count
        && members.allSatisfy { other[$0.name].map($0.value.isEqual) ?? false }
    case (.array, .array):
      count == other.count && zip(elements, other.elements).allSatisfy { $0.isEqual(to: $1) }
    case (.string, .string): other.string.map(isString) ?? false
    case (let one, let two): one == two && raw.elementsEqual(other.raw)
    }
  }

  /// Whether a value has everything that a pattern has (R4 2.25 `ElementDefinition.pattern[x]`): of a
  /// list each element of the pattern must fit one that is there.
  func contains(pattern: JSONValue) -> Bool {
    switch (kind, pattern.kind) {
    case (.object, .object):
      pattern.members.allSatisfy { member in
        self[member.name]?.contains(pattern: member.value) ?? false
      }
    case (.array, .array):
      pattern.elements.allSatisfy { wanted in elements.contains { $0.contains(pattern: wanted) } }
    default: isEqual(to: pattern)
    }
  }

  /// The first value at a path of member names, passing through lists.
  func first(at path: ArraySlice<String>) -> JSONValue? {
    guard kind != .array else {
      for element in elements {
        if let found = element.first(at: path) { return found }
      }
      return nil
    }
    guard let step = path.first else { return self }
    return self[step]?.first(at: path.dropFirst())
  }
}
