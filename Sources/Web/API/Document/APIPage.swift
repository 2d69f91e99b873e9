/// The table of operations, as people read it.
package struct APIPage: PageModel {
  package static let template = "api"

  package init() {}

  package func title(_ strings: PortalStrings) -> String { strings["api.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "topics": .objects(
        APIDescription.Topic.allCases.map { topic in
          [
            "name": .text(strings["api.topic_\(topic.rawValue)"]), "id": .text(topic.rawValue),
            "operations": .objects(
              APIOperation.allCases.filter { $0.description.topic == topic }
                .map { Self.operation($0, strings) }),
          ]
        })
    ]
  }

  private static func operation(
    _ operation: APIOperation, _ strings: PortalStrings
  ) -> PageObject {
    let row = operation.description
    return [
      "id": .text(operation.rawValue), "method": .text(row.method), "path": .text(row.path),
      "summary": .text(strings["api.op.\(operation.rawValue)"]),
      "isOpen": .flag(row.isOpen), "example": .maybe(row.example),
      "hasMembers": .flag(row.body != nil || !row.parameters.isEmpty),
      "members": .objects(
        row.parameters.map { parameter in
          [
            "name": .text(parameter.name), "form": .text(parameter.schema.phrase),
            "note": .text(strings["api.place_\(parameter.place.rawValue)"]), "required": false,
          ]
        } + (row.body?.members ?? [])),
      "answer": .text(String(row.status)),
      "answers": .objects(row.answer?.members ?? []), "hasAnswer": .flag(row.answer != nil),
      "refusals": .text(row.refusals.map(String.init).joined(separator: " · ")),
    ]
  }
}

extension APIComponent {
  /// The members of the shape, one line each.
  fileprivate var members: [PageObject] {
    guard case .object(let members) = schema else { return [] }
    return members.map { member in
      [
        "name": .text(member.name), "form": .text(member.schema.phrase), "note": false,
        "required": .flag(member.isRequired),
      ]
    }
  }
}

extension JSONSchema {
  /// The shape in a few signs that need no language.
  fileprivate var phrase: String {
    switch self {
    case .text(let rule):
      rule.format.map(\.rawValue) ?? "string ≤ \(rule.lengths.upperBound)"
    case .word(let words): words.joined(separator: " | ")
    case .integer(let range): "\(range.lowerBound) … \(range.upperBound)"
    case .flag: "true | false"
    case .list(let element, _, _): "[ \(element.phrase) ]"
    case .object(let members): "{ " + members.map(\.name).joined(separator: ", ") + " }"
    case .resource: "FHIR R4"
    case .named(let component): component.rawValue
    case .either(let shapes): shapes.map(\.phrase).joined(separator: " | ")
    }
  }
}
