/// How the visitor signs in, and where.
package struct SecurityPage: PageModel {
  package static let template = "security"

  /// A way to sign in.
  package struct Method: Sendable {
    package enum Kind: String, Sendable { case passkey, password, totp, card }
    package var kind: Kind
    /// Of one that can be removed.
    package var id: String?
    package var name: String?
    /// ISO 8601.
    package var since: String?
    package init(_ kind: Kind, id: String? = nil, name: String? = nil, since: String? = nil) {
      self.kind = kind
      self.id = id
      self.name = name
      self.since = since
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
  /// Whether passkeys can be made for the address by which the node is reached.
  package var offersPasskeys: Bool
  package var hasSecondFactor: Bool
  /// Whether smart cards of some authority are taken.
  package var offersCards = false
  package var hasOneTimeCodes: Bool
  /// Whether first steps are shown: to the owner of a chart.
  package var hasFirstSteps: Bool

  package init(
    methods: [Method], sessions: [Session], offersPasskeys: Bool, hasSecondFactor: Bool,
    hasOneTimeCodes: Bool = false, hasFirstSteps: Bool = false
  ) {
    self.hasOneTimeCodes = hasOneTimeCodes
    self.hasFirstSteps = hasFirstSteps
    self.methods = methods
    self.sessions = sessions
    self.offersPasskeys = offersPasskeys
    self.hasSecondFactor = hasSecondFactor
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.security"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "methods": .objects(methods.map { method($0, strings) }),
      "offersPasskeys": .flag(offersPasskeys), "hasSecondFactor": .flag(hasSecondFactor),
      "offersCards": .flag(offersCards),
      "hasOneTimeCodes": .flag(hasOneTimeCodes), "hasFirstSteps": .flag(hasFirstSteps),
      "hasOthers": .flag(sessions.contains { !$0.isCurrent }),
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

  /// Whether there is another second factor: the last one stays.
  private var hasPasskey: Bool { methods.contains { $0.kind == .passkey } }

  private func method(_ method: Method, _ strings: PortalStrings) -> PageObject {
    let kind = strings["security.\(method.kind.rawValue)"]
    let details = [
      method.name == nil ? nil : kind,
      method.since.map { strings("security.since", ["date": Wording.day($0, strings)]) },
    ].compactMap { $0 }
    let icon =
      switch method.kind {
      case .passkey, .card: "key"
      case .totp: "device"
      case .password: "lock"
      }
    return [
      "icon": .text(icon), "name": .text(method.name ?? kind),
      "detail": .text(details.joined(separator: " · ")), "remove": .maybe(method.id),
      "folder": .text(method.kind == .card ? "cards" : "passkeys"),
      "isApp": .flag(method.kind == .totp && hasPasskey),
      "isPassword": .flag(method.kind == .password),
      "isPasskey": .flag(method.kind == .passkey),
      "renameLabel": .text(strings("security.rename_label", ["name": method.name ?? kind])),
      "removeLabel": .text(strings("security.remove_label", ["name": method.name ?? kind])),
    ]
  }
}

/// Recovery codes, shown once.
package struct RecoveryCodesPage: PageModel {
  package static let template = "codes"
  package var codes: [String]

  package init(codes: [String]) { self.codes = codes }

  package func title(_ strings: PortalStrings) -> String { strings["codes.title"] }

  package func content(_ strings: PortalStrings) -> PageObject { ["codes": .texts(codes)] }
}

/// Sets up an authenticator app.
package struct OneTimeCodesPage: PageModel {
  package static let template = "app"
  /// `otpauth://`, and the secret in it for typing.
  package var uri: String
  package var secret: String
  package var ticket: String
  package var code: QRCode
  /// A key of the table of words.
  package var error: String?

  package init(uri: String, secret: String, ticket: String, code: QRCode, error: String?) {
    self.uri = uri
    self.secret = secret
    self.ticket = ticket
    self.code = code
    self.error = error
  }

  package func title(_ strings: PortalStrings) -> String { strings["app.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "uri": .text(uri), "ticket": .text(ticket), "qr": .text(code.path),
      "qrSize": .number(code.size), "secret": .text(grouped),
      "code": .object(FormField.oneTimeCode(error, strings).content),
    ]
  }

  /// In groups of four, as people read letters out.
  private var grouped: String {
    var groups = ""
    for (number, letter) in secret.enumerated() {
      if number > 0, number % 4 == 0 { groups.append(" ") }
      groups.append(letter)
    }
    return groups
  }
}

/// What the script needs to ask the browser for a passkey.
package struct PasskeyForm: Sendable {
  package var options: String
  package var ticket: String

  package init(options: String, ticket: String) {
    self.options = options
    self.ticket = ticket
  }

  var content: PageValue { .object(["options": .text(options), "ticket": .text(ticket)]) }
}

/// Makes a passkey.
package struct NewPasskeyPage: PageModel {
  package static let template = "passkey"
  package var form: PasskeyForm

  package init(form: PasskeyForm) { self.form = form }

  package func title(_ strings: PortalStrings) -> String { strings["passkeys.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var name = FormField("name", label: strings["passkeys.name"])
    name.autocomplete = "off"
    name.longest = 60
    return ["passkey": form.content, "name": .object(name.content)]
  }
}
