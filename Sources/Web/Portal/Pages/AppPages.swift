package import Exchange
package import Identity

/// An app asks for access: what it wants, in words, and the boxes to leave standing.
package struct AuthorizePage: PageModel {
  package static let template = "authorize"
  /// What the app calls itself, which nobody has checked.
  package var app: String
  /// Where the answer goes.
  package var destination: String
  package var phrases: [ScopePhrase]
  /// As whom, each with the name that the page shows.
  package var capacities: [(id: String, name: String)]
  package var ticket: String

  package init(
    app: String, destination: String, phrases: [ScopePhrase],
    capacities: [(id: String, name: String)], ticket: String
  ) {
    self.app = app
    self.destination = destination
    self.phrases = phrases
    self.capacities = capacities
    self.ticket = ticket
  }

  package func title(_ strings: PortalStrings) -> String { strings["authorize.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let scopes = FormChoice(
      "scope", label: strings["authorize.what"], .many,
      phrases.map {
        FormChoice.Option($0.scope, Self.sentence($0, strings), isChosen: true)
      })
    let whom = FormChoice(
      "capacity", label: strings["authorize.whom"], .one,
      capacities.enumerated().map { index, capacity in
        FormChoice.Option(capacity.id, capacity.name, isChosen: index == 0)
      })
    return [
      "app": .text(app), "destination": .text(destination), "ticket": .text(ticket),
      "scopes": scopes.content, "whom": whom.content,
      "isWriting": .flag(phrases.contains { $0.weight == .writing }),
    ]
  }

  /// `see and change medications` and the like.
  package static func sentence(_ phrase: ScopePhrase, _ strings: PortalStrings) -> String {
    guard !phrase.verbs.isEmpty else { return strings[phrase.key] }
    let verbs = strings.list(phrase.verbs.map { strings["scope.verb.\($0.rawValue)"] })
    let records = phrase.type.map { strings("scope.records", ["type": $0]) }
    let sentence = strings(
      phrase.key, ["verbs": verbs, "records": records ?? strings["scope.all"]])
    guard !phrase.conditions.isEmpty else { return sentence }
    let conditions = phrase.conditions.map { condition in
      // Of `system|code` people read the code.
      let values = condition.value.split(separator: ",").map { value in
        String(value.split(separator: "|").last ?? value).replacing("-", with: " ")
      }
      let key = "scope.condition.\(condition.name)"
      return strings(
        strings.has(key) ? key : "scope.condition.other",
        ["name": condition.name, "values": strings.list(values, joinedBy: "word.or")])
    }
    return strings(
      "scope.limited", ["sentence": sentence, "conditions": strings.list(conditions)])
  }
}

/// The apps that the visitor has let in.
package struct AppsPage: PageModel {
  package static let template = "apps"
  package var apps: [AppGrantSummary]
  /// Those that can be opened from here.
  package var offered: [LaunchableApp]

  package init(apps: [AppGrantSummary], offered: [LaunchableApp] = []) {
    self.apps = apps
    self.offered = offered
  }

  package func title(_ strings: PortalStrings) -> String { strings["apps.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "hasApps": .flag(!apps.isEmpty),
      "apps": .objects(
        apps.map { app in
          [
            "id": .text(app.id), "name": .text(app.name),
            "sentences": .texts(Self.sentences(app, strings)),
            "since": Wording.time(app.since, strings), "until": Wording.time(app.until, strings),
            "isOffline": .flag(app.isOffline),
            "endLabel": .text(strings("apps.end_label", ["name": app.name])),
          ]
        }),
      "nothing": EmptyState("key", "apps.nothing").content(strings),
      "hasOffered": .flag(!offered.isEmpty),
      "offered": .objects(
        offered.map { app in
          [
            "id": .text(app.id), "name": .text(app.name), "host": .text(app.host),
            "openLabel": .text(strings("open_app.title", ["name": app.name])),
          ]
        }),
    ]
  }

  private static func sentences(_ app: AppGrantSummary, _ strings: PortalStrings) -> [String] {
    let scopes = try? SMARTScopes(granted: app.scope)
    return (scopes?.phrases ?? []).map { AuthorizePage.sentence($0, strings) }
  }
}
