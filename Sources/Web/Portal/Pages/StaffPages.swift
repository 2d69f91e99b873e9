/// The staff's first page: who is in their care, what they asked for.
package struct PatientsPage: PageModel {
  package static let template = "patients"
  package var charts: [PageFrame.Chart]
  package var requests: [RequestCard]

  package init(charts: [PageFrame.Chart], requests: [RequestCard]) {
    self.charts = charts
    self.requests = requests
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.patients"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "own": .objects(
        charts.map { chart in
          [
            "id": .text(chart.id), "name": .text(chart.name),
            "initial": .text(Wording.initial(chart.name)),
            "relation": .text(Wording.capitalized(strings.code("relation", chart.relation))),
            "switchLabel": .text(strings("family.switch_label", ["name": chart.name])),
          ]
        }),
      "hasOwn": .flag(!charts.isEmpty), "asked": .objects(requests.map { $0.content(strings) }),
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

/// Who works here.
package struct StaffPage: PageModel {
  package static let template = "staff"

  package struct Member: Sendable {
    package var name: String
    package var role: String
    package var state: String
    package init(name: String, role: String, state: String) {
      self.name = name
      self.role = role
      self.state = state
    }
  }

  package var members: [Member]
  /// The codes of roles that can be given.
  package var roles: [String]
  /// A code for a new member, shown once.
  package var invitation: String?

  package init(members: [Member], roles: [String], invitation: String? = nil) {
    self.members = members
    self.roles = roles
    self.invitation = invitation
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.staff"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var name = FormField("name", label: strings["staff.name"])
    name.autocomplete = "off"
    name.longest = 200
    return [
      "people": .objects(
        members.map {
          [
            "name": .text($0.name), "role": .text(strings.code("role", $0.role)),
            "state": .text(strings.code("status", $0.state)),
          ]
        }),
      "hasPeople": .flag(!members.isEmpty), "invitation": .maybe(invitation),
      "name": .object(name.content),
      "role": FormChoice.codes(
        "role", label: strings["staff.role"], .one, "role", roles, chosen: [], strings
      ).content,
    ]
  }
}
