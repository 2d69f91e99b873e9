package import Primitives

/// Who has access to what until when.
package struct SharingPage: PageModel {
  package static let template = "sharing"
  package var grants: [GrantCard]
  package var now: Instant

  package init(grants: [GrantCard], now: Instant) {
    self.grants = grants
    self.now = now
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.sharing"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let active = grants.filter { $0.isInForce(at: now) }
    let ended = grants.filter { !$0.isInForce(at: now) }
    return [
      "active": .objects(active.map { $0.content(strings) }),
      "hasActive": .flag(!active.isEmpty),
      "ended": .objects(ended.map { $0.content(strings) }), "hasEnded": .flag(!ended.isEmpty),
      "endedText": .text(strings.count("sharing.ended", ended.count)),
      "nothing": EmptyState("share", "sharing.none").content(strings),
    ]
  }
}

/// The form that makes a consent.
package struct NewGrantPage: PageModel {
  package static let template = "grant-new"

  /// The nodes that can be chosen, by id.
  package var nodes: [(id: String, name: String)]
  /// What can be chosen, by its codes.
  package var types: [String]
  package var labels: [String]
  package var purposes: [String]
  package var draft: GrantForm

  package init(
    nodes: [(id: String, name: String)], types: [String], labels: [String], purposes: [String],
    draft: GrantForm
  ) {
    self.nodes = nodes
    self.types = types
    self.labels = labels
    self.purposes = purposes
    self.draft = draft
  }

  package func title(_ strings: PortalStrings) -> String { strings["sharing.new"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let kind = FormChoice(
      "kind", label: strings["sharing.kind"], .one,
      [
        FormChoice.Option("allow", strings["sharing.allow"], isChosen: !draft.isDenial),
        FormChoice.Option("forbid", strings["sharing.forbid"], isChosen: draft.isDenial),
      ])
    var to = FormChoice(
      "to", label: strings["sharing.to"], .one,
      nodes.map { FormChoice.Option($0.id, $0.name, isChosen: $0.id == draft.to) })
    to.error = draft.errors["to"].map { strings[$0] }
    return [
      "hasNodes": .flag(!nodes.isEmpty), "kind": kind.content, "to": to.content,
      "types": choice("types", "type", types, draft.types, strings),
      "labels": choice("labels", "label", labels, draft.labels, strings),
      "purposes": choice("purposes", "purpose", purposes, draft.purposes, strings),
      "times": FormChoice.hours(draft.hours, label: strings["sharing.times"], strings).content,
      "nothing": EmptyState("share", "sharing.no_nodes").content(strings),
    ]
  }

  private func choice(
    _ name: String, _ vocabulary: String, _ codes: [String], _ chosen: Set<String>,
    _ strings: PortalStrings
  ) -> PageValue {
    var choice = FormChoice.codes(
      name, label: strings["sharing.\(name)"], .many, vocabulary, codes, chosen: chosen, strings)
    choice.error = draft.errors[name].map { strings[$0] }
    choice.isSensitive = name == "labels"
    return choice.content
  }
}

/// What the form for a consent says, as it came.
package struct GrantForm: Sendable {
  package var isDenial = false
  package var to = ""
  package var types: Set<String> = []
  package var labels: Set<String> = []
  package var purposes: Set<String> = ["TREAT"]
  package var hours = "720"
  /// What is wrong, by the name of the field: keys of the table of words.
  package var errors: [String: String] = [:]

  package init() {}
}

extension FormChoice {
  /// The spans that are offered, in hours.
  package static let spans = [1, 24, 168, 720, 4380, 8760]

  package static func hours(
    _ chosen: String, label: String, _ strings: PortalStrings
  ) -> FormChoice {
    FormChoice(
      "hours", label: label, .one,
      spans.map { hours in
        Option(
          String(hours),
          Wording.capitalized(Wording.duration(hours: Double(hours), strings)),
          isChosen: chosen == String(hours))
      })
  }
}
