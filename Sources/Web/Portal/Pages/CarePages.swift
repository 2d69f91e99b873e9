/// Who treats a patient of this node, and inviting those who sign in as or for the patient.
package struct CarePage: PageModel {
  package static let template = "care"

  package struct Person: Sendable {
    package var id: String
    package var name: String
    package var roles: [String]
    /// ISO 8601.
    package var until: String?

    package init(id: String, name: String, roles: [String], until: String?) {
      self.id = id
      self.name = name
      self.roles = roles
      self.until = until
    }
  }

  package var patient: String
  /// Nil for a visitor to whom the name is not open.
  package var name: String?
  /// Nil for a visitor who does not say who treats whom.
  package var treating: [Person]?
  /// Who could.
  package var staff: [Person] = []
  /// The codes of relationships for which the visitor may invite; empty for none.
  package var relations: [String]
  /// A code for somebody new, shown once.
  package var invitation: String?
  /// A key of the table of words.
  package var error: String?

  package init(patient: String, relations: [String]) {
    self.patient = patient
    self.relations = relations
  }

  package func title(_ strings: PortalStrings) -> String { name ?? strings["care.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let who = FormChoice(
      "account", label: strings["care.who"], .one,
      staff.map { person in
        let roles = strings.list(Wording.codes("role", person.roles, strings))
        return FormChoice.Option(person.id, "\(person.name), \(roles)")
      })
    return [
      "action": .text("/patients/\(patient)"), "assigns": .flag(treating != nil),
      "treating": .objects(
        (treating ?? []).map { person in
          [
            "id": .text(person.id), "name": .text(person.name),
            "initial": .text(Wording.initial(person.name)),
            "until": Wording.time(person.until, strings),
            "endLabel": .text(strings("care.end_label", ["name": person.name])),
          ]
        }),
      "hasTreating": .flag(treating?.isEmpty == false), "hasStaff": .flag(!staff.isEmpty),
      "who": who.content,
      "times": FormChoice.hours("720", label: strings["care.hours"], strings).content,
      "invites": .flag(!relations.isEmpty), "invitation": .maybe(invitation),
      "relation": FormChoice.codes(
        "relation", label: strings["staff.relation"], .one, "invited", relations,
        chosen: [relations.first ?? ""], strings
      ).content,
      "problem": .maybe(error.map { strings[$0] }),
    ]
  }
}

/// What the staff confirm before they see other people's charts.
package struct TrainingPage: PageModel {
  package static let template = "training"

  /// Where it goes on.
  package var next: String
  /// A key of the table of words.
  package var error: String?

  package init(next: String, error: String? = nil) {
    self.next = next
    self.error = error
  }

  package func title(_ strings: PortalStrings) -> String { strings["training.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let rules = ["need", "log", "share", "report"].map { strings["training.rule_\($0)"] }
    var confirm = FormChoice(
      "confirm", label: strings["training.title"], .many,
      [FormChoice.Option("yes", strings["training.confirm"])])
    confirm.error = error.map { strings[$0] }
    return ["rules": .texts(rules), "next": .text(next), "confirm": confirm.content]
  }
}
