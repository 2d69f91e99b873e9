/// Which organizations the node knows, with state and by whose word, and whose word it takes.
package struct EntitiesPage: PageModel {
  package static let template = "entities"

  package struct Entity: Sendable {
    /// The organization's name by the accreditor; nil where nobody says one.
    package var organization: String?
    /// What the node calls itself.
    package var name: String?
    package var npi: String?
    package var fingerprint: String
    /// A state of `EntityStanding`.
    package var state: String
    package var isVerified: Bool
    package var isStale: Bool
    package var reason: String?
    package var by: String?
    /// ISO 8601.
    package var since: String?
    package var until: String?
    package var knownAt: String?

    package init(fingerprint: String, state: String, isVerified: Bool, isStale: Bool) {
      self.fingerprint = fingerprint
      self.state = state
      self.isVerified = isVerified
      self.isStale = isStale
    }
  }

  package struct Accreditor: Sendable {
    package var id: String
    package var name: String
    /// Nil for however old.
    package var freshHours: Double?
    package var withdrawalsOnly: Bool

    package init(id: String, name: String, freshHours: Double?, withdrawalsOnly: Bool) {
      self.id = id
      self.name = name
      self.freshHours = freshHours
      self.withdrawalsOnly = withdrawalsOnly
    }
  }

  package var entities: [Entity]
  package var accreditors: [Accreditor]

  package init(entities: [Entity], accreditors: [Accreditor]) {
    self.entities = entities
    self.accreditors = accreditors
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.entities"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "entities": .objects(entities.map { row($0, strings) }),
      "hasEntities": .flag(!entities.isEmpty),
      "nothing": EmptyState("seal", "entities.none").content(strings),
      "accreditors": .objects(accreditors.map { row($0, strings) }),
      "hasAccreditors": .flag(!accreditors.isEmpty),
    ]
  }

  private func row(_ entity: Entity, _ strings: PortalStrings) -> PageObject {
    let isCalledOtherwise = entity.organization != nil && entity.name != entity.organization
    return [
      "title": .text(entity.organization ?? entity.name ?? entity.fingerprint),
      "called": .maybe(
        isCalledOtherwise
          ? entity.name.map { strings("entities.calls_itself", ["name": $0]) } : nil),
      "npi": .maybe(entity.npi.map { strings("entities.npi", ["npi": $0]) }),
      "fingerprint": .text(strings("entities.node", ["fingerprint": entity.fingerprint])),
      "state": .text(strings.code("entity_state", entity.state)),
      "isVerified": .flag(entity.isVerified), "icon": entity.isVerified ? "seal" : "alert",
      "isStale": .flag(entity.isStale),
      "reason": .maybe(entity.reason.map { strings.code("entity_reason", $0) }),
      "by": .text(entity.by ?? strings["entities.nobody"]),
      "since": Wording.time(entity.since, strings), "until": Wording.time(entity.until, strings),
      "known": Wording.time(entity.knownAt, strings),
    ]
  }

  private func row(_ accreditor: Accreditor, _ strings: PortalStrings) -> PageObject {
    [
      "id": .text(accreditor.id), "name": .text(accreditor.name),
      "takes": .text(
        strings[accreditor.withdrawalsOnly ? "entities.takes_withdrawals" : "entities.takes_all"]),
      "fresh": .text(
        accreditor.freshHours.map { Wording.duration(hours: $0, strings) }
          ?? strings["entities.fresh_any"]),
    ]
  }
}
