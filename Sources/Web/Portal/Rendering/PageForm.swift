/// A field of a form, with what is wrong with it.
package struct FormField: Sendable {
  package var id: String
  package var label: String
  package var type = "text"
  package var value = ""
  package var hint: String?
  package var error: String?
  package var autocomplete: String?
  package var inputmode: String?
  package var longest: Int?
  package var isRequired = true
  package var isCode = false

  package init(_ id: String, label: String) {
    self.id = id
    self.label = label
  }

  package var content: PageObject {
    let described = [hint.map { _ in "\(id)-hint" }, error.map { _ in "\(id)-error" }]
      .compactMap { $0 }.joined(separator: " ")
    return [
      "id": .text(id), "label": .text(label), "type": .text(type), "value": .text(value),
      "hint": .maybe(hint), "error": .maybe(error), "autocomplete": .maybe(autocomplete),
      "inputmode": .maybe(inputmode), "longest": .maybe(longest.map(String.init)),
      "required": .flag(isRequired), "isCode": .flag(isCode), "described": .maybe(described),
    ]
  }
}

/// Things to choose from: tick boxes, round buttons or a list.
package struct FormChoice: Sendable {
  /// How many can be chosen.
  package enum Kind: String, Sendable {
    case many = "checkbox"
    case one = "radio"
  }

  package struct Option: Sendable {
    package var value: String
    package var label: String
    package var isChosen: Bool

    package init(_ value: String, _ label: String, isChosen: Bool = false) {
      self.value = value
      self.label = label
      self.isChosen = isChosen
    }
  }

  package var name: String
  package var label: String
  package var kind: Kind
  package var options: [Option]
  package var hint: String?
  package var error: String?
  /// Whether what is chosen is specially protected.
  package var isSensitive = false

  package init(_ name: String, label: String, _ kind: Kind, _ options: [Option]) {
    self.name = name
    self.label = label
    self.kind = kind
    self.options = options
  }

  /// Nothing where there is nothing to choose.
  package var content: PageValue {
    guard !options.isEmpty else { return false }
    return .object([
      "id": .text(name), "name": .text(name), "legend": .text(label), "label": .text(label),
      "hint": .maybe(hint), "error": .maybe(error), "required": true,
      "options": .objects(
        options.map { option in
          [
            "type": .text(kind.rawValue), "name": .text(name), "value": .text(option.value),
            "label": .text(option.label), "checked": .flag(option.isChosen),
            "sensitive": .flag(isSensitive),
          ]
        }),
    ])
  }
}

extension FormChoice {
  /// One choice for each code of a vocabulary, in the words of the table.
  package static func codes(
    _ name: String, label: String, _ kind: Kind, _ vocabulary: String, _ codes: [String],
    chosen: Set<String>, _ strings: PortalStrings
  ) -> FormChoice {
    FormChoice(
      name, label: label, kind,
      codes.map { code in
        Option(
          code, Wording.capitalized(strings.code(vocabulary, code)),
          isChosen: chosen.contains(code))
      })
  }
}
