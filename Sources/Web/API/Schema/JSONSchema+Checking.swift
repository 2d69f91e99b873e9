package import FHIR
package import Primitives

extension JSONSchema {
  /// Checks a value.
  ///
  /// - Parameter place: where it stands. Only names of the schema are told, never what was sent.
  /// - Throws: `malformed` with the place of the first fault.
  package func check(_ value: JSONValue, at place: String = "$") throws(PeerChartError) {
    switch self {
    case .text(let rule):
      guard let text = value.string, rule.allows(text) else {
        throw Self.fault("this is no text of the form that is asked for", place)
      }
    case .word(let words):
      guard let text = value.string, words.contains(where: { $0.utf8.elementsEqual(text.utf8) })
      else { throw Self.fault("this is none of the words that are possible here", place) }
    case .integer(let range):
      guard let literal = value.numberLiteral, let number = Int(literal), range.contains(number)
      else { throw Self.fault("this is no whole number within the bounds", place) }
    case .flag:
      guard value.bool != nil else { throw Self.fault("this is true or false", place) }
    case .list(let element, let counts, let isSet):
      try Self.checkList(value, element, counts, isSet: isSet, place)
    case .object(let members): try Self.check(value, members, place)
    case .resource:
      guard value.kind == .object, value["resourceType"]?.string != nil else {
        throw Self.fault("this is no FHIR resource", place)
      }
    case .named(let component): try component.schema.check(value, at: place)
    case .either(let shapes):
      for shape in shapes where (try? shape.check(value, at: place)) != nil { return }
      throw Self.fault("this has none of the shapes that are possible here", place)
    }
  }

  private static func checkList(
    _ value: JSONValue, _ element: JSONSchema, _ counts: ClosedRange<Int>, isSet: Bool,
    _ place: String
  ) throws(PeerChartError) {
    guard value.kind == .array, counts.contains(value.count) else {
      throw fault("this is no list of a length that is allowed", place)
    }
    var seen: Set<String> = []
    for (number, each) in value.elements.enumerated() {
      try element.check(each, at: "\(place)[\(number)]")
      if isSet, !seen.insert(each.string ?? "").inserted {
        throw fault("an element stands there twice", "\(place)[\(number)]")
      }
    }
  }

  private static func check(
    _ value: JSONValue, _ members: [Member], _ place: String
  ) throws(PeerChartError) {
    guard value.kind == .object else { throw fault("this is no object", place) }
    var known = 0
    for member in members {
      guard let found = value[member.name] else {
        guard !member.isRequired else {
          throw fault("this is missing", "\(place).\(member.name)")
        }
        continue
      }
      known += 1
      try member.schema.check(found, at: "\(place).\(member.name)")
    }
    // The parser has refused names that stand there twice.
    guard known == value.count else {
      throw fault("there is a member that is not known here", place)
    }
  }

  private static func fault(_ reason: String, _ place: String) -> PeerChartError {
    PeerChartError(.malformed, reason, place: place)
  }
}
