/// What people change about their own accounts: language, mail, and whether there is one.
package struct AccountPage: PageModel {
  package static let template = "account"

  /// Where mail goes; nil on a node that sends none.
  package struct Mail: Sendable {
    package var address: String?
    /// An address that waits for its code.
    package var unproven: String?
    package var isWanted: Bool

    package init(address: String?, unproven: String?, isWanted: Bool) {
      self.address = address
      self.unproven = unproven
      self.isWanted = isWanted
    }
  }

  package var name: String
  package var login: String
  package var language: Language
  package var mail: Mail?
  /// What was typed as an address.
  package var typed: String
  /// Keys of the table of words, by the field's name.
  package var errors: [String: String]

  package init(
    name: String, login: String, language: Language, mail: Mail?, typed: String = "",
    errors: [String: String] = [:]
  ) {
    self.name = name
    self.login = login
    self.language = language
    self.mail = mail
    self.typed = typed
    self.errors = errors
  }

  package func title(_ strings: PortalStrings) -> String { strings["account.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let speaks = FormChoice(
      "language", label: strings["frame.language"], .one,
      Language.allCases.map {
        FormChoice.Option($0.rawValue, $0.name, isChosen: $0 == language)
      })
    return [
      "name": .text(name), "login": .text(login), "speaks": speaks.content,
      "mail": mail.map { .object(content($0, strings)) } ?? false,
    ]
  }

  private func content(_ mail: Mail, _ strings: PortalStrings) -> PageObject {
    var email = FormField("email", label: strings["account.email"])
    email.type = "email"
    email.value = typed
    email.autocomplete = "email"
    email.longest = 254
    email.error = errors["email"].map { strings[$0] }
    var code = FormField("code", label: strings["account.code"])
    code.autocomplete = "off"
    code.longest = 40
    code.error = errors["code"].map { strings[$0] }
    return [
      "address": .maybe(mail.address), "isWanted": .flag(mail.isWanted),
      "unproven": .maybe(mail.unproven),
      "sentText": .maybe(mail.unproven.map { strings("account.sent", ["address": $0]) }),
      "email": .object(email.content), "code": .object(code.content),
    ]
  }
}

/// Asks once more before an account is closed.
package struct CloseAccountPage: PageModel {
  package static let template = "account-close"
  /// A key of the table of words.
  package var error: String?

  package init(error: String? = nil) { self.error = error }

  package func title(_ strings: PortalStrings) -> String { strings["account.close"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var confirm = FormChoice(
      "confirm", label: strings["account.close_confirm"], .many,
      [FormChoice.Option("yes", strings["account.close_sure"])])
    confirm.error = error.map { strings[$0] }
    return ["confirm": confirm.content]
  }
}

/// Changes the password.
package struct PasswordPage: PageModel {
  package static let template = "password"
  /// Keys of the table of words, by the field's name.
  package var errors: [String: String]

  package init(errors: [String: String] = [:]) { self.errors = errors }

  package func title(_ strings: PortalStrings) -> String { strings["password.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var current = FormField("current", label: strings["password.current"])
    current.autocomplete = "current-password"
    var new = FormField("password", label: strings["password.new"])
    new.autocomplete = "new-password"
    new.hint = strings["register.password_hint"]
    let fields = [current, new].map { field in
      var field = field
      field.type = "password"
      field.longest = 1000
      field.error = errors[field.id].map { strings[$0] }
      return field
    }
    return ["fields": .objects(fields.map(\.content))]
  }
}

/// Asks before the recovery codes of before are no good any more.
package struct RenewCodesPage: PageModel {
  package static let template = "codes-renew"

  package init() {}

  package func title(_ strings: PortalStrings) -> String { strings["codes.renew"] }

  package func content(_ strings: PortalStrings) -> PageObject { [:] }
}

/// Calls a passkey by another name.
package struct PasskeyNamePage: PageModel {
  package static let template = "passkey-name"
  package var id: String
  package var name: String
  /// A key of the table of words.
  package var error: String?

  package init(id: String, name: String, error: String? = nil) {
    self.id = id
    self.name = name
    self.error = error
  }

  package func title(_ strings: PortalStrings) -> String { strings["passkeys.rename"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var field = FormField("name", label: strings["passkeys.name"])
    field.value = name
    field.autocomplete = "off"
    field.longest = 60
    field.error = error.map { strings[$0] }
    return ["id": .text(id), "field": .object(field.content)]
  }
}
