import FHIR

extension JSONSchema {
  /// The schema as it is published (JSON Schema 2020-12).
  var tree: JSONTree {
    switch self {
    case .text(let rule): return .object(rule.members)
    case .word(let words):
      return .object([("type", "string"), ("enum", .array(words.map { .string($0) }))])
    case .integer(let range):
      return .object([
        ("type", "integer"), ("minimum", .number(String(range.lowerBound))),
        ("maximum", .number(String(range.upperBound))),
      ])
    case .flag: return .object([("type", "boolean")])
    case .list(let element, let counts, let isSet):
      return .object(
        [
          ("type", "array"), ("items", element.tree),
          ("minItems", .number(String(counts.lowerBound))),
          ("maxItems", .number(String(counts.upperBound))),
        ] + (isSet ? [("uniqueItems", true)] : []))
    case .object(let members):
      let required = members.filter(\.isRequired).map { JSONTree.string($0.name) }
      return .object(
        [
          ("type", "object"),
          ("properties", .object(members.map { ($0.name, $0.tree) })),
        ] + (required.isEmpty ? [] : [("required", .array(required))])
          + [("additionalProperties", false)])
    case .resource:
      return .object([
        ("type", "object"),
        (
          "properties",
          .object([
            (
              "resourceType",
              .object([
                ("type", "string"), ("pattern", "^[A-Z][A-Za-z]+$"), ("maxLength", 64),
              ])
            )
          ])
        ), ("required", ["resourceType"]), ("additionalProperties", true),
      ])
    case .named(let component): return .object([("$ref", .string(component.reference))])
    case .either(let shapes): return .object([("anyOf", .array(shapes.map(\.tree)))])
    }
  }
}

extension JSONSchema.Member {
  fileprivate var tree: JSONTree {
    guard let note, case .object(let members) = schema.tree else { return schema.tree }
    return .object(members + [("description", .string(note))])
  }
}

extension TextRule {
  fileprivate var members: [(String, JSONTree)] {
    var members: [(String, JSONTree)] = [("type", "string")]
    if let format { members.append(("format", .string(format.rawValue))) }
    if let pattern { members.append(("pattern", .string("^(?:\(pattern))$"))) }
    members.append(("minLength", .number(String(lengths.lowerBound))))
    members.append(("maxLength", .number(String(lengths.upperBound))))
    if let example { members.append(("examples", [.string(example)])) }
    return members
  }
}
