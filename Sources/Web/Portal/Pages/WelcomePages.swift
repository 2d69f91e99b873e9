/// What the owner of a chart does first.
package struct WelcomePage: PageModel {
  package static let template = "welcome"

  package struct Step: Sendable {
    /// Under `welcome` in the table of words.
    package var word: String
    package var href: String
    package var isDone: Bool
    package init(_ word: String, _ href: String, isDone: Bool) {
      self.word = word
      self.href = href
      self.isDone = isDone
    }
  }

  package var name: String
  package var steps: [Step]

  package init(name: String, steps: [Step]) {
    self.name = name
    self.steps = steps
  }

  package func title(_ strings: PortalStrings) -> String { strings["welcome.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "greeting": .text(strings("home.hello", ["name": name])),
      "steps": .objects(
        steps.map { step in
          [
            "title": .text(strings["welcome.\(step.word)"]),
            "text": .text(strings["welcome.\(step.word)_text"]), "href": .text(step.href),
            "done": .flag(step.isDone), "icon": .text(step.isDone ? "check" : "next"),
          ]
        }),
    ]
  }
}

/// The form by which people write down what they know themselves.
package struct NewRecordPage: PageModel {
  package static let template = "record-new"

  /// What can be written down.
  package enum Kind: String, CaseIterable, Sendable {
    case allergy, medication, problem
  }

  package var kind: Kind
  package var what: String
  package var since: String
  package var note: String
  /// Keys of the table of words, by the field's name.
  package var errors: [String: String]

  package init(
    kind: Kind = .allergy, what: String = "", since: String = "", note: String = "",
    errors: [String: String] = [:]
  ) {
    self.kind = kind
    self.what = what
    self.since = since
    self.note = note
    self.errors = errors
  }

  package func title(_ strings: PortalStrings) -> String { strings["record_new.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let kinds = FormChoice(
      "kind", label: strings["record_new.kind"], .one,
      Kind.allCases.map {
        FormChoice.Option($0.rawValue, strings["record_new.\($0.rawValue)"], isChosen: $0 == kind)
      })
    var what = FormField("what", label: strings["record_new.what"])
    what.value = self.what
    what.autocomplete = "off"
    what.longest = 200
    what.error = errors["what"].map { strings[$0] }
    var since = FormField("since", label: strings["record_new.since"])
    since.type = "date"
    since.value = self.since
    since.isRequired = false
    since.error = errors["since"].map { strings[$0] }
    var note = FormField("note", label: strings["record_new.note"])
    note.value = self.note
    note.longest = 1000
    note.isRequired = false
    note.error = errors["note"].map { strings[$0] }
    return [
      "kinds": kinds.content, "what": .object(what.content), "since": .object(since.content),
      "note": .object(note.content),
    ]
  }
}
