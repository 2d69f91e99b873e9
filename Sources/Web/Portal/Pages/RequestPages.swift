/// Who asks for the records.
package struct RequestsPage: PageModel {
  package static let template = "requests"
  package var requests: [RequestCard]

  package init(requests: [RequestCard]) { self.requests = requests }

  package func title(_ strings: PortalStrings) -> String { strings["nav.requests"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let pending = requests.filter { $0.status == .pending }
    let answered = requests.filter { $0.status != .pending }
    return [
      "pending": .objects(pending.map { $0.content(strings) }),
      "answered": .objects(answered.map { $0.content(strings) }),
      "hasPending": .flag(!pending.isEmpty), "hasAnswered": .flag(!answered.isEmpty),
      "nothing": EmptyState("inbox", "requests.none").content(strings),
    ]
  }
}

/// One request, with the form that answers it.
package struct RequestPage: PageModel {
  package static let template = "request"

  /// What was ticked when the form came back, and what is wrong with it.
  package struct Draft: Sendable {
    package var types: Set<String>
    package var labels: Set<String>
    package var hours: String?
    package var note = ""
    package var error: String?

    package init(types: Set<String>, labels: Set<String>, hours: String?, error: String?) {
      self.types = types
      self.labels = labels
      self.hours = hours
      self.error = error
    }
  }

  package var request: RequestCard
  package var mayAnswer: Bool
  /// Whether the visitor may look at what was opened.
  package var opensChart: Bool
  package var draft: Draft?

  package init(
    request: RequestCard, mayAnswer: Bool, opensChart: Bool = false, draft: Draft? = nil
  ) {
    self.request = request
    self.mayAnswer = mayAnswer
    self.opensChart = opensChart
    self.draft = draft
  }

  package func title(_ strings: PortalStrings) -> String {
    strings(request.isOutgoing ? "requests.asked_of" : "requests.headline", ["who": request.who])
  }

  package func content(_ strings: PortalStrings) -> PageObject {
    let mine = request.isOutgoing
    return [
      "request": .object(request.content(strings)),
      "back": .text(mine ? "/patients" : "/requests"),
      "backText": .text(strings[mine ? "nav.patients" : "nav.requests"]),
      "opened": opensChart ? .maybe(request.chart) : false,
      "answer": mayAnswer && request.status == .pending && !request.isOutgoing
        ? .object(form(strings)) : false,
    ]
  }

  private func form(_ strings: PortalStrings) -> PageObject {
    var types = FormChoice.codes(
      "types", label: strings["requests.types"], .many, "type", request.types,
      chosen: draft?.types ?? Set(request.types), strings)
    types.error = draft?.error.map { strings[$0] }
    var labels = FormChoice.codes(
      "labels", label: strings["requests.labels"], .many, "label", request.labels,
      chosen: draft?.labels ?? [], strings)
    labels.hint = strings["requests.labels_hint"]
    labels.isSensitive = true
    var note = FormField("note", label: strings["requests.note_label"])
    note.isRequired = false
    note.longest = 1000
    note.value = draft?.note ?? ""
    return [
      "action": .text("/requests/\(request.id)"), "typeChoices": types.content,
      "labelChoices": labels.content, "timeChoices": times(strings).content,
      "noteField": .object(note.content),
    ]
  }

  /// No longer than was asked for.
  private func times(_ strings: PortalStrings) -> FormChoice {
    let asked = strings(
      "requests.as_asked", ["time": Wording.duration(hours: request.hours, strings)])
    let shorter = [1.0, 24, 168, 720, 2160].filter { $0 < request.hours }
    return FormChoice(
      "hours", label: strings["requests.until"], .one,
      [FormChoice.Option("", asked, isChosen: draft?.hours.map(\.isEmpty) ?? true)]
        + shorter.reversed().map { hours in
          let value = String(Int(hours))
          return FormChoice.Option(
            value, Wording.capitalized(Wording.duration(hours: hours, strings)),
            isChosen: draft?.hours == value)
        })
  }
}
