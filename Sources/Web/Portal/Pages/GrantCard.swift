package import Primitives

/// A consent as its owner sees it.
package struct GrantCard: Sendable {
  package var id: String
  /// The names of those whom it is for; empty for everybody.
  package var who: String
  /// How far it is known who that is; nil for everybody, and for people.
  package var verification: RequestCard.Verification?
  package var isDenial: Bool
  package var isRevoked: Bool
  package var types: [String]
  package var labels: [String]
  package var purposes: [String]
  package var actions: [String]
  /// ISO 8601; nil without an end.
  package var until: String?
  package var maximumUses: Int?
  package var uses: Int

  package init(
    id: String, who: String, verification: RequestCard.Verification? = nil, isDenial: Bool,
    isRevoked: Bool, types: [String], labels: [String],
    purposes: [String], actions: [String], until: String?, maximumUses: Int?, uses: Int
  ) {
    self.id = id
    self.who = who
    self.verification = verification
    self.isDenial = isDenial
    self.isRevoked = isRevoked
    self.types = types
    self.labels = labels
    self.purposes = purposes
    self.actions = actions
    self.until = until
    self.maximumUses = maximumUses
    self.uses = uses
  }

  /// Whether it holds at this time.
  package func isInForce(at time: Instant) -> Bool {
    !isRevoked && !hasExpired(at: time)
  }

  private func hasExpired(at time: Instant) -> Bool {
    until.flatMap { Instant($0) }.map { $0 <= time } ?? false
      || maximumUses.map { uses >= $0 } ?? false
  }

  func content(_ strings: PortalStrings) -> PageObject {
    let name = who.isEmpty ? strings["sharing.everybody"] : who
    let types = Wording.codes("type", types, strings)
    let action = isDenial ? "lift" : "revoke"
    return [
      "id": .text(id), "who": .text(Wording.capitalized(name)),
      "initial": .text(Wording.initial(name)),
      "isVerified": .flag(verification?.isVerified ?? false),
      "verification": .maybe(verification?.text(strings)),
      "tabKind": .text(isDenial ? "alarm" : "good"),
      "tabIcon": .text(isDenial ? "no" : "check"),
      "kindText": .text(strings[isDenial ? "sharing.denial" : "sharing.permission"]),
      "types": .texts(types), "typesText": .text(Wording.shortList(types, strings)),
      "labels": .texts(Wording.codes("label", labels, strings)),
      "purposesText": .text(
        Wording.capitalized(
          Wording.shortList(Wording.codes("purpose", purposes, strings), strings, most: 3))),
      "actionsText": .text(
        Wording.capitalized(strings.list(Wording.codes("action", actions, strings)))),
      "until": Wording.time(until, strings),
      "untilText": .text(
        until.map { strings("sharing.until_text", ["date": Wording.day($0, strings)]) }
          ?? strings["sharing.no_end"]),
      "usesText": .maybe(
        maximumUses.map {
          strings("sharing.uses_text", ["used": String(uses), "most": String($0)])
        }),
      "statusText": .text(strings[isRevoked ? "status.revoked" : "status.expired"]),
      "revokeText": .text(strings["sharing.\(action)"]),
      "revokeLabel": .text(strings("sharing.\(action)_label", ["who": name])),
    ]
  }
}
