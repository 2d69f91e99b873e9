/// The staff's first page: to find a patient of this node, and what was asked of other nodes.
package struct PatientsPage: PageModel {
  package static let template = "patients"

  /// A patient that a search found.
  package struct Found: Sendable {
    package var id: String
    package var name: String
    package var birthDate: String?
    package init(id: String, name: String, birthDate: String?) {
      self.id = id
      self.name = name
      self.birthDate = birthDate
    }
  }

  package var query: String
  package var birthDate: String
  /// Nil before anything was looked for.
  package var found: [Found]?
  package var requests: [RequestCard]
  /// Whether the visitor says who treats whom, or invites patients.
  package var caresFor = false

  package init(query: String, birthDate: String, found: [Found]?, requests: [RequestCard]) {
    self.query = query
    self.birthDate = birthDate
    self.found = found
    self.requests = requests
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.patients"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "name": .text(query), "birth": .text(birthDate),
      "found": .objects(
        (found ?? []).map { patient in
          [
            "id": .text(patient.id), "name": .text(patient.name),
            "initial": .text(Wording.initial(patient.name)),
            "born": .maybe(
              patient.birthDate.map {
                strings("requests.born", ["date": Wording.day($0, strings)])
              }),
            "openLabel": .text(strings("family.switch_label", ["name": patient.name])),
            "care": caresFor ? .text("/patients/\(patient.id)") : false,
            "careLabel": .text(strings("care.open_label", ["name": patient.name])),
          ]
        }),
      "hasFound": .flag(!(found ?? []).isEmpty), "foundNone": .flag(found?.isEmpty == true),
      "asked": .objects(requests.map { $0.content(strings) }),
      "hasAsked": .flag(!requests.isEmpty),
    ]
  }
}

/// The form that asks another node's patient for access.
package struct NewRequestPage: PageModel {
  package static let template = "request-new"
  package var nodes: [(id: String, name: String)]
  package var types: [String]
  package var labels: [String]
  package var purposes: [String]
  package var draft: RequestForm

  package init(
    nodes: [(id: String, name: String)], types: [String], labels: [String], purposes: [String],
    draft: RequestForm
  ) {
    self.nodes = nodes
    self.types = types
    self.labels = labels
    self.purposes = purposes
    self.draft = draft
  }

  package func title(_ strings: PortalStrings) -> String { strings["ask.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let node = FormChoice(
      "node", label: strings["ask.node"], .one,
      nodes.map { FormChoice.Option($0.id, $0.name, isChosen: $0.id == draft.node) })
    var types = FormChoice.codes(
      "types", label: strings["ask.types"], .many, "type", types, chosen: draft.types, strings)
    types.error = draft.errors["types"].map { strings[$0] }
    var labels = FormChoice.codes(
      "labels", label: strings["ask.labels"], .many, "label", labels, chosen: draft.labels, strings)
    labels.isSensitive = true
    let purpose = FormChoice.codes(
      "purpose", label: strings["ask.purpose"], .one, "purpose", purposes,
      chosen: [draft.purpose], strings)
    var reason = FormField("reason", label: strings["ask.reason"])
    reason.value = draft.reason
    reason.longest = 2000
    reason.error = draft.errors["reason"].map { strings[$0] }
    return [
      "hasNodes": .flag(!nodes.isEmpty), "node": node.content,
      "fields": .objects(fields(strings).map(\.content)), "types": types.content,
      "labels": labels.content, "purpose": purpose.content,
      "times": FormChoice.hours(draft.hours, label: strings["ask.times"], strings).content,
      "reason": .object(reason.content),
      "nothing": EmptyState("share", "ask.no_nodes").content(strings),
    ]
  }

  private func fields(_ strings: PortalStrings) -> [FormField] {
    var name = FormField("name", label: strings["ask.name"])
    name.value = draft.name
    name.error = draft.errors["name"].map { strings[$0] }
    var birth = FormField("birth", label: strings["ask.birth"])
    birth.type = "date"
    birth.value = draft.birth
    var id = FormField("patient", label: strings["ask.id"])
    id.value = draft.patient
    return [name, birth, id].map { field in
      var field = field
      field.isRequired = false
      field.autocomplete = "off"
      field.longest = 200
      return field
    }
  }
}

/// What the form for a request says, as it came.
package struct RequestForm: Sendable {
  package var node = ""
  package var name = ""
  package var birth = ""
  package var patient = ""
  package var types: Set<String> = []
  package var labels: Set<String> = []
  package var purpose = "TREAT"
  package var hours = "720"
  package var reason = ""
  package var errors: [String: String] = [:]

  package init() {}
}

/// Emergency accesses: to open one, and to judge those that were.
package struct EmergenciesPage: PageModel {
  package static let template = "emergencies"

  package struct Session: Sendable {
    package var id: String
    package var who: String
    package var reason: String
    package var text: String
    package var types: [String]
    package var labels: [String]
    package var justification: String?
    /// ISO 8601.
    package var from: String
    package var until: String
    /// `pending`, `accepted` or `violation`.
    package var review: String

    package init(
      id: String, who: String, reason: String, text: String, types: [String], labels: [String],
      justification: String?, from: String, until: String, review: String
    ) {
      self.id = id
      self.who = who
      self.reason = reason
      self.text = text
      self.types = types
      self.labels = labels
      self.justification = justification
      self.from = from
      self.until = until
      self.review = review
    }
  }

  /// What the form says, as it came.
  package struct Draft: Sendable {
    package var patient = ""
    package var reason = ""
    package var text = ""
    package var hours = "4"
    package var errors: [String: String] = [:]
    package init() {}
  }

  package var sessions: [Session]
  package var mayReview: Bool
  /// The codes of emergencies; empty for a visitor who may not break the glass.
  package var reasons: [String]
  package var draft: Draft

  package init(
    sessions: [Session], mayReview: Bool, reasons: [String] = [], draft: Draft = Draft()
  ) {
    self.sessions = sessions
    self.mayReview = mayReview
    self.reasons = reasons
    self.draft = draft
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.emergency"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var content: PageObject = [
      "lead": .text(strings[reasons.isEmpty ? "emergency.lead_patient" : "emergency.lead_staff"]),
      "canBreak": .flag(!reasons.isEmpty),
      "sessions": .objects(sessions.map { card($0, strings) }),
      "hasSessions": .flag(!sessions.isEmpty),
      "nothing": EmptyState("check", "emergency.none").content(strings),
    ]
    if !reasons.isEmpty { content.merge(form(strings)) { $1 } }
    return content
  }

  private func form(_ strings: PortalStrings) -> PageObject {
    var patient = FormField("patient", label: strings["emergency.patient"])
    patient.value = draft.patient
    patient.autocomplete = "off"
    patient.longest = 64
    patient.error = draft.errors["patient"].map { strings[$0] }
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
    return [
      "patient": .object(patient.content), "reasons": reasons.content,
      "text": .object(text.content), "hours": hours.content,
    ]
  }

  private func card(_ session: Session, _ strings: PortalStrings) -> PageObject {
    var note = FormField("note", label: strings["emergency.note"])
    note.id = "note"
    note.longest = 1000
    let scope =
      Wording.codes("type", session.types, strings)
      + Wording.codes("label", session.labels, strings)
    return [
      "id": .text(session.id), "who": .text(session.who), "text": .text(session.text),
      "tabKind": .text(
        session.review == "accepted" ? "over" : session.review == "pending" ? "waiting" : "alarm"),
      "reviewText": .text(strings.code("review", session.review)),
      "reasonText": .text(
        Wording.capitalized(strings.code("emergency_reason", session.reason))),
      "scopeText": .text(strings.list(scope)), "from": Wording.time(session.from, strings),
      "until": Wording.time(session.until, strings),
      "justification": .maybe(session.justification),
      "review": .flag(mayReview && session.review == "pending"),
      "noteField": .object(note.content),
    ]
  }
}

/// Who has an account here, and invitations.
package struct StaffPage: PageModel {
  package static let template = "staff"

  package struct Member: Sendable {
    package var id: String
    package var name: String
    package var login: String
    package var roles: [String]
    package var isDisabled: Bool
    /// ISO 8601; nil before the training.
    package var trained: String?
    package init(
      id: String, name: String, login: String, roles: [String], isDisabled: Bool,
      trained: String? = nil
    ) {
      self.id = id
      self.name = name
      self.login = login
      self.roles = roles
      self.isDisabled = isDisabled
      self.trained = trained
    }
  }

  /// Nil for a visitor who may not see accounts.
  package var members: [Member]?
  /// The codes of roles that can be given; empty for a visitor who may not.
  package var roles: [String]
  /// The codes of relationships to a patient for which the visitor may invite; empty for none.
  package var relations: [String]
  /// A code for somebody new, shown once.
  package var invitation: String?
  /// What is wrong, by the name of the field: keys of the table of words.
  package var errors: [String: String] = [:]

  package init(members: [Member]?, roles: [String], relations: [String], invitation: String?) {
    self.members = members
    self.roles = roles
    self.relations = relations
    self.invitation = invitation
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.staff"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var patient = FormField("patient", label: strings["emergency.patient"])
    patient.autocomplete = "off"
    patient.longest = 64
    patient.error = errors["patient"].map { strings[$0] }
    var roles = FormChoice.codes(
      "roles", label: strings["staff.roles"], .many, "role", roles, chosen: [], strings)
    roles.error = errors["roles"].map { strings[$0] }
    return [
      "people": .objects((members ?? []).map { member($0, strings) }),
      "hasPeople": .flag(members?.isEmpty == false), "invitation": .maybe(invitation),
      "invitesStaff": .flag(!self.roles.isEmpty), "roles": roles.content,
      "invitesPatients": .flag(!relations.isEmpty), "patient": .object(patient.content),
      "relation": FormChoice.codes(
        "relation", label: strings["staff.relation"], .one, "invited", relations,
        chosen: [relations.first ?? ""], strings
      ).content,
    ]
  }

  /// The roles to tick, one form for each member.
  private func given(_ member: Member, _ strings: PortalStrings) -> PageObject {
    let choice = FormChoice.codes(
      "roles", label: strings("staff.change_roles_label", ["name": member.name]), .many, "role",
      roles, chosen: Set(member.roles), strings)
    guard case .object(let content) = choice.content else { return [:] }
    return content
  }

  private func member(_ member: Member, _ strings: PortalStrings) -> PageObject {
    let roles = Wording.codes("role", member.roles, strings)
    return [
      "id": .text(member.id), "name": .text(member.name), "login": .text(member.login),
      "roles": .text(roles.isEmpty ? strings["staff.no_role"] : strings.list(roles)),
      "state": .text(strings[member.isDisabled ? "staff.disabled" : "status.active"]),
      "isDisabled": .flag(member.isDisabled), "trained": Wording.time(member.trained, strings),
      "given": .object(given(member, strings)),
      "changeLabel": .text(strings("staff.change_roles_label", ["name": member.name])),
      "switchLabel": .text(
        strings(
          member.isDisabled ? "staff.enable_label" : "staff.disable_label",
          ["name": member.name])),
    ]
  }
}
