/// The form to sign in with a user name and a password, or with a passkey.
package struct SignInPage: PageModel {
  package static let template = "sign-in"
  package var name: String
  /// Where to go after it: a path of this node.
  package var next: String
  /// A key of the table of words.
  package var error: String?
  /// Nil where passkeys cannot be used: at a bare address.
  package var passkey: PasskeyForm?
  /// Whether smart cards of some authority are taken.
  package var offersCards = false

  package init(name: String = "", next: String = "/", error: String? = nil) {
    self.name = name
    self.next = next
    self.error = error
  }

  package func title(_ strings: PortalStrings) -> String { strings["sign_in.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var user = FormField("name", label: strings["sign_in.name"])
    user.value = name
    user.autocomplete = "username webauthn"
    user.longest = 200
    var password = FormField("password", label: strings["sign_in.password"])
    password.type = "password"
    password.autocomplete = "current-password"
    password.longest = 1000
    password.error = error.map { strings[$0] }
    return [
      "next": .text(next), "name": .object(user.content), "password": .object(password.content),
      "passkey": passkey?.content ?? false, "offersCards": .flag(offersCards),
    ]
  }
}

/// The second step: the code of an app, or a recovery code.
package struct SecondFactorPage: PageModel {
  package static let template = "second-factor"
  package var next: String
  package var error: String?

  package init(next: String = "/", error: String? = nil) {
    self.next = next
    self.error = error
  }

  package func title(_ strings: PortalStrings) -> String { strings["second.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var recovery = FormField("recovery", label: strings["second.recovery"])
    recovery.autocomplete = "off"
    recovery.longest = 40
    return [
      "next": .text(next), "code": .object(FormField.oneTimeCode(error, strings).content),
      "recovery": .object(recovery.content),
    ]
  }
}

extension FormField {
  /// The six digits of an authenticator app.
  static func oneTimeCode(_ error: String?, _ strings: PortalStrings) -> FormField {
    var code = FormField("code", label: strings["second.code"])
    code.autocomplete = "one-time-code"
    code.inputmode = "numeric"
    code.longest = 10
    code.isCode = true
    code.error = error.map { strings[$0] }
    return code
  }
}

/// The form that makes an account out of an invitation.
package struct RegisterPage: PageModel {
  package static let template = "register"
  package var code: String
  package var name: String
  package var displayName: String
  /// Keys of the table of words, or words of a use case, by the field's name.
  package var errors: [String: String]

  package init(
    code: String = "", name: String = "", displayName: String = "", errors: [String: String] = [:]
  ) {
    self.code = code
    self.name = name
    self.displayName = displayName
    self.errors = errors
  }

  package func title(_ strings: PortalStrings) -> String { strings["register.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var code = field("code", "register.code", code, "off", strings)
    code.longest = 100
    let name = field("name", "register.name", name, "username", strings)
    let display = field("display", "register.display", displayName, "name", strings)
    var password = field("password", "register.password", "", "new-password", strings)
    password.type = "password"
    password.hint = strings["register.password_hint"]
    password.longest = 1000
    return ["fields": .objects([code, display, name, password].map(\.content))]
  }

  private func field(
    _ id: String, _ word: String, _ value: String, _ autocomplete: String, _ strings: PortalStrings
  ) -> FormField {
    var field = FormField(id, label: strings[word])
    field.value = value
    field.autocomplete = autocomplete
    field.longest = 200
    field.error = errors[id].map { strings[$0] }
    return field
  }
}

/// What is said where a page cannot be shown.
package struct MessagePage: PageModel {
  package static let template = "message"
  package var status: Int
  /// The request's number, where whoever runs the node can look it up.
  package var request: String?

  package init(status: Int, request: String? = nil) {
    self.status = status
    self.request = request
  }

  package func title(_ strings: PortalStrings) -> String { strings[word(strings)] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let word = word(strings)
    return [
      "heading": .text(strings[word]), "text": .text(strings["\(word)_text"]),
      "request": .maybe(request), "href": .text(status == 401 ? "/sign-in" : "/"),
      "link": .text(strings[status == 401 ? "error.to_sign_in" : "error.back"]),
    ]
  }

  /// Statuses without words of their own are told as the first of their kind.
  private func word(_ strings: PortalStrings) -> String {
    let own = "error.\(status)"
    return strings.has(own) ? own : status >= 500 ? "error.500" : "error.400"
  }
}
