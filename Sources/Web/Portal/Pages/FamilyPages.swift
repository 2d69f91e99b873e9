/// The charts that the visitor sees, and who helps with the own one.
package struct FamilyPage: PageModel {
  package static let template = "family"

  package struct Person: Sendable {
    package var chart: PageFrame.Chart
    /// When a proxy ends: `YYYY-MM-DD`.
    package var until: String?
    /// Whether it ends because a child comes of age.
    package var isOfAge: Bool
    /// The codes of the record types that it is about; nil for all.
    package var types: [String]?

    package init(
      _ chart: PageFrame.Chart, until: String? = nil, isOfAge: Bool = false, types: [String]? = nil
    ) {
      self.chart = chart
      self.until = until
      self.isOfAge = isOfAge
      self.types = types
    }
  }

  /// Somebody who named the visitor for emergencies.
  package struct Emergency: Sendable {
    /// The patient's id.
    package var patient: String
    package var namedBy: String?
    package var until: String?
    package init(patient: String, namedBy: String?, until: String?) {
      self.patient = patient
      self.namedBy = namedBy
      self.until = until
    }
  }

  /// Somebody who acts for the patient whose chart is shown.
  package struct Helper: Sendable {
    package var account: String
    package var name: String
    /// As `RelationshipKind` writes it.
    package var relation: String
    package var until: String?
    package var types: [String]?
    package init(
      account: String, name: String, relation: String, until: String?, types: [String]?
    ) {
      self.account = account
      self.name = name
      self.relation = relation
      self.until = until
      self.types = types
    }
  }

  package var people: [Person]
  package var shown: String?
  package var emergencies: [Emergency]
  /// Nil for a visitor who decides about no chart.
  package var helpers: [Helper]?
  /// A key of the table of words.
  package var codeError: String?

  package init(
    people: [Person], shown: String?, emergencies: [Emergency] = [], helpers: [Helper]? = nil,
    codeError: String? = nil
  ) {
    self.people = people
    self.shown = shown
    self.emergencies = emergencies
    self.helpers = helpers
    self.codeError = codeError
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.family"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var code = FormField("code", label: strings["register.code"])
    code.autocomplete = "off"
    code.longest = 100
    code.error = codeError.map { strings[$0] }
    return [
      "people": .objects(people.map { person($0, strings) }),
      "hasEmergencies": .flag(!emergencies.isEmpty),
      "emergencies": .objects(emergencies.map { emergency($0, strings) }),
      "decides": .flag(helpers != nil), "hasHelpers": .flag(helpers?.isEmpty == false),
      "helpers": .objects((helpers ?? []).map { helper($0, strings) }),
      "code": .object(code.content),
    ]
  }

  private func person(_ person: Person, _ strings: PortalStrings) -> PageObject {
    [
      "id": .text(person.chart.id), "name": .text(person.chart.name),
      "initial": .text(Wording.initial(person.chart.name)),
      "relation": .text(Wording.capitalized(strings.code("relation", person.chart.relation))),
      "untilText": .maybe(
        person.until.map {
          strings(
            person.isOfAge ? "family.until_of_age" : "family.until",
            ["date": Wording.day($0, strings)])
        }),
      "typesText": .maybe(scope(person.types, strings)),
      "current": .flag(person.chart.id == shown),
      "switchLabel": .text(strings("family.switch_label", ["name": person.chart.name])),
    ]
  }

  private func emergency(_ named: Emergency, _ strings: PortalStrings) -> PageObject {
    let name =
      named.namedBy ?? strings("family.unnamed", ["id": String(named.patient.prefix(8))])
    return [
      "id": .text(named.patient), "name": .text(name), "initial": .text(Wording.initial(name)),
      "untilText": .maybe(
        named.until.map { strings("family.until", ["date": Wording.day($0, strings)]) }),
      "openLabel": .text(strings("family.open_label", ["name": name])),
    ]
  }

  private func helper(_ helper: Helper, _ strings: PortalStrings) -> PageObject {
    [
      "account": .text(helper.account), "name": .text(helper.name),
      "relation": .text(Wording.capitalized(strings.code("invited", helper.relation))),
      "types": .text(
        scope(helper.types, strings)
          ?? strings[
            helper.relation == "emergency-delegate" ? "family.minimum" : "family.everything"]),
      "untilText": .text(
        helper.until.map { strings("family.until", ["date": Wording.day($0, strings)]) }
          ?? strings["sharing.no_end"]),
      "isSelf": .flag(helper.relation == "self"),
      "endLabel": .text(strings("family.end_label", ["name": helper.name])),
    ]
  }

  private func scope(_ types: [String]?, _ strings: PortalStrings) -> String? {
    types.map { Wording.capitalized(strings.list(Wording.codes("type", $0, strings))) }
  }
}

/// Names somebody who helps with the chart, or who may open it in an emergency.
package struct NewHelperPage: PageModel {
  package static let template = "helper-new"

  /// The spans that are offered, in days; 0 for no end.
  package static let spans = [30, 365, 1825, 0]

  /// What the form says, as it came.
  package struct Draft: Sendable {
    package var relation = "caregiver"
    package var types: Set<String> = []
    package var days = "365"
    package var errors: [String: String] = [:]
    package init() {}
  }

  package var types: [String]
  package var draft: Draft
  /// The code for the person, shown once.
  package var invitation: String?

  package init(types: [String], draft: Draft = Draft(), invitation: String? = nil) {
    self.types = types
    self.draft = draft
    self.invitation = invitation
  }

  package func title(_ strings: PortalStrings) -> String { strings["helper.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let relation = FormChoice(
      "relation", label: strings["helper.as"], .one,
      ["caregiver", "emergency-delegate"].map {
        FormChoice.Option($0, strings["helper.\($0)"], isChosen: $0 == draft.relation)
      })
    var types = FormChoice.codes(
      "types", label: strings["helper.types"], .many, "type", types, chosen: draft.types, strings)
    types.hint = strings["helper.types_hint"]
    let days = FormChoice(
      "days", label: strings["helper.until"], .one,
      Self.spans.map { days in
        FormChoice.Option(
          String(days),
          days == 0
            ? strings["helper.no_end"]
            : Wording.capitalized(Wording.duration(hours: Double(days) * 24, strings)),
          isChosen: draft.days == String(days))
      })
    return [
      "invitation": .maybe(invitation), "relation": relation.content, "types": types.content,
      "days": days.content,
    ]
  }
}

/// Opens the chart of somebody who named the visitor for emergencies.
package struct DelegatePage: PageModel {
  package static let template = "delegate"
  package var patient: String
  package var namedBy: String?
  /// The codes of what opens.
  package var types: [String]
  /// The codes of emergencies.
  package var reasons: [String]
  package var draft: EmergenciesPage.Draft

  package init(
    patient: String, namedBy: String?, types: [String], reasons: [String],
    draft: EmergenciesPage.Draft = EmergenciesPage.Draft()
  ) {
    self.patient = patient
    self.namedBy = namedBy
    self.types = types
    self.reasons = reasons
    self.draft = draft
  }

  package func title(_ strings: PortalStrings) -> String { strings["delegate.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var reasons = FormChoice.codes(
      "reason", label: strings["emergency.reason"], .one, "emergency_reason", reasons,
      chosen: [draft.reason], strings)
    reasons.error = draft.errors["reason"].map { strings[$0] }
    var text = FormField("text", label: strings["emergency.text"])
    text.value = draft.text
    text.longest = 1000
    text.error = draft.errors["text"].map { strings[$0] }
    let hours = FormChoice(
      "hours", label: strings["emergency.hours"], .one,
      [1, 4, 12, 24].map {
        FormChoice.Option(
          String($0), Wording.capitalized(Wording.duration(hours: Double($0), strings)),
          isChosen: draft.hours == String($0))
      })
    let name = namedBy ?? strings("family.unnamed", ["id": String(patient.prefix(8))])
    return [
      "id": .text(patient), "lead": .text(strings("delegate.lead", ["name": name])),
      "scopeText": .text(
        strings(
          "delegate.scope", ["types": strings.list(Wording.codes("type", types, strings))])),
      "reasons": reasons.content, "text": .object(text.content), "hours": hours.content,
    ]
  }
}
