/// Compares two JSON values the way a record must stay the same: number literals digit by digit,
/// members in their order, strings by their text (however they were escaped); white space is free.
public enum JSONComparison {
  /// The pointers, from the root of `a` or `b`, of what differs; at most `limit` of them.
  ///
  /// A value of another kind or a member that only one side has is named once, not with all that is
  /// below it. Where only the order of members differs, the object itself is named.
  public static func differences(_ a: JSONValue, _ b: JSONValue, limit: Int = 100) -> [String] {
    var found: [String] = []
    compare(a, b, limit: limit, found: &found)
    return found
  }

  private static func compare(
    _ a: JSONValue, _ b: JSONValue, limit: Int, found: inout [String]
  ) {
    guard found.count < limit else { return }
    switch (a.kind, b.kind) {
    case (.object, .object): compareMembers(a, b, limit: limit, found: &found)
    case (.array, .array):
      for (x, y) in zip(a.elements, b.elements) { compare(x, y, limit: limit, found: &found) }
      if a.count != b.count { found.append(a.pointer) }
    case (.string, .string):
      if !a.raw.elementsEqual(b.raw), a.string.map({ !b.isString($0) }) ?? true {
        found.append(a.pointer)
      }
    default:
      if a.kind != b.kind || !a.raw.elementsEqual(b.raw) { found.append(a.pointer) }
    }
  }

  private static func compareMembers(
    _ a: JSONValue, _ b: JSONValue, limit: Int, found: inout [String]
  ) {
    // Nearly always both have the same names in the same order; only then is this linear.
    if a.count == b.count, zip(a.members, b.members).allSatisfy({ $0.name == $1.name }) {
      for (x, y) in zip(a.members, b.members) {
        compare(x.value, y.value, limit: limit, found: &found)
      }
      return
    }
    let right = Dictionary(b.members.map { ($0.name, $0.value) }, uniquingKeysWith: { x, _ in x })
    var shared: Set<String> = []
    for (name, value) in a.members {
      if let other = right[name] {
        shared.insert(name)
        compare(value, other, limit: limit, found: &found)
      } else if found.count < limit {
        found.append(value.pointer)
      }
    }
    for (name, value) in b.members where !shared.contains(name) && found.count < limit {
      found.append(value.pointer)
    }
    let orderA = a.members.lazy.map(\.name).filter { shared.contains($0) }
    let orderB = b.members.lazy.map(\.name).filter { shared.contains($0) }
    if !orderA.elementsEqual(orderB), found.count < limit { found.append(a.pointer) }
  }
}
