/// The charts that the visitor sees.
package struct FamilyPage: PageModel {
  package static let template = "family"

  package struct Person: Sendable {
    package var chart: PageFrame.Chart
    /// When a proxy ends: `YYYY-MM-DD`.
    package var until: String?
    package init(_ chart: PageFrame.Chart, until: String? = nil) {
      self.chart = chart
      self.until = until
    }
  }

  package var people: [Person]
  package var shown: String?

  package init(people: [Person], shown: String?) {
    self.people = people
    self.shown = shown
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.family"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "people": .objects(
        people.map { person in
          [
            "id": .text(person.chart.id), "name": .text(person.chart.name),
            "initial": .text(Wording.initial(person.chart.name)),
            "relation": .text(
              Wording.capitalized(strings.code("relation", person.chart.relation))),
            "untilText": .maybe(
              person.until.map { strings("family.until", ["date": Wording.day($0, strings)]) }),
            "current": .flag(person.chart.id == shown),
            "switchLabel": .text(strings("family.switch_label", ["name": person.chart.name])),
          ]
        })
    ]
  }
}

/// How the visitor signs in, and where.
package struct SecurityPage: PageModel {
  package static let template = "security"

  /// A way to sign in.
  package struct Method: Sendable {
    package enum Kind: String, Sendable { case passkey, password, totp, recovery, certificate }
    package var kind: Kind
    package var name: String?
    /// ISO 8601.
    package var since: String?
    /// Of recovery codes, how many are left.
    package var left: Int?
    package init(_ kind: Kind, name: String? = nil, since: String? = nil, left: Int? = nil) {
      self.kind = kind
      self.name = name
      self.since = since
      self.left = left
    }
  }

  package struct Session: Sendable {
    package var id: String
    package var device: String
    package var address: String
    package var last: String
    package var isCurrent: Bool
    package init(id: String, device: String, address: String, last: String, isCurrent: Bool) {
      self.id = id
      self.device = device
      self.address = address
      self.last = last
      self.isCurrent = isCurrent
    }
  }

  package var methods: [Method]
  package var sessions: [Session]

  package init(methods: [Method], sessions: [Session]) {
    self.methods = methods
    self.sessions = sessions
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.security"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "methods": .objects(methods.map { method($0, strings) }),
      "sessions": .objects(
        sessions.map { session in
          [
            "id": .text(session.id), "device": .text(session.device),
            "place": .text(session.address), "last": Wording.time(session.last, strings),
            "current": .flag(session.isCurrent),
            "endLabel": .text(strings("security.end_label", ["device": session.device])),
          ]
        }),
    ]
  }

  private func method(_ method: Method, _ strings: PortalStrings) -> PageObject {
    let kind = strings["security.\(method.kind.rawValue)"]
    let details = [
      method.name == nil ? nil : kind,
      method.since.map { strings("security.since", ["date": Wording.day($0, strings)]) },
      method.left.map { strings.count("security.left", $0) },
    ].compactMap { $0 }
    let icon =
      switch method.kind {
      case .passkey, .certificate: "key"
      case .totp: "device"
      case .password, .recovery: "lock"
      }
    return [
      "icon": .text(icon), "name": .text(method.name ?? kind),
      "detail": .text(details.joined(separator: " · ")),
    ]
  }
}

/// Recovery codes, shown once; without codes the form that makes them.
package struct RecoveryCodesPage: PageModel {
  package static let template = "codes"
  package var codes: [String]
  /// A key of the table of words.
  package var error: String?

  package init(codes: [String], error: String? = nil) {
    self.codes = codes
    self.error = error
  }

  package func title(_ strings: PortalStrings) -> String { strings["codes.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var password = FormField("password", label: strings["sign_in.password"])
    password.type = "password"
    password.autocomplete = "current-password"
    password.error = error.map { strings[$0] }
    return [
      "codes": .texts(codes), "hasCodes": .flag(!codes.isEmpty),
      "password": .object(password.content),
    ]
  }
}
