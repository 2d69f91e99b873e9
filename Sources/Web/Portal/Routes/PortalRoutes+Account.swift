import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// A year: who chose a language means it for good, and a browser stays known.
  static let longCookie = 365 * 86_400
  /// As long as a ticket for the second factor holds, at most.
  private static let stepCookie = 600

  /// Signing in and out, and making an account.
  func gate(_ request: PortalRequest) async throws -> Response {
    switch (request.route, request.isPost) {
    case (.signIn, false): return try await signInPage(request)
    case (.signIn, true): return try await signIn(request)
    case (.secondFactor, false):
      return try await page(
        SecondFactorPage(next: PortalPath.inside(request.value("next"))), request)
    case (.secondFactor, true): return try await secondFactor(request)
    case (.passkeySignIn, _): return try await passkeySignIn(request)
    case (.register, false):
      return try await page(RegisterPage(code: request.value("code")), request)
    case (.register, true): return try await register(request)
    default:
      let visitor = try request.signedIn()
      _ = try await PortalForm(request)
      try await exchange.signOut(visitor.signedIn.token, from: request.origin())
      return PortalAnswer.seeOther(
        "/sign-in?done=signed_out",
        cookies: Self.forgotten)
    }
  }

  func signInPage(
    _ request: PortalRequest, name: String = "", next: String? = nil, error: String? = nil
  ) async throws -> Response {
    let isAgain = request.value("again") == "1"
    guard request.visitor == nil || isAgain || error != nil else {
      return PortalAnswer.seeOther("/")
    }
    var model = SignInPage(
      name: name, next: next ?? PortalPath.inside(request.value("next")), error: error)
    model.offersCards = try await exchange.takesCertificates()
    if isAgain, let visitor = request.visitor { model.name = visitor.signedIn.login.exposed }
    if let party = try request.relyingParty(exchange.name.exposed) {
      let prompt = try await exchange.promptForPasskey(at: party)
      model.passkey = PasskeyForm(
        options: String(decoding: prompt.options, as: UTF8.self), ticket: prompt.ticket.exposed)
    }
    return try await page(
      model, request, notes: isAgain ? [PageFrame.Note(.waiting, "sign_in.again")] : [],
      status: error == nil ? .ok : .unprocessableContent)
  }

  private func signIn(_ request: PortalRequest) async throws -> Response {
    let form = try await PortalForm(request)
    let next = PortalPath.inside(form["next"])
    do {
      let step = try await exchange.signIn(
        login: form["name"], password: Redacted(form.secret("password")),
        from: request.origin())
      switch step {
      case .complete(let session): return try await begun(session, next, request)
      case .secondFactor(let ticket, _, _):
        return PortalAnswer.seeOther(
          "/sign-in/code?" + QueryString().adding("next", next).encoded,
          cookies: [
            PortalCookies.setting(
              PortalCookies.step, ticket.exposed, seconds: Self.stepCookie)
          ])
      }
    } catch let error as PeerChartError where error.code == .unauthenticated {
      return try await signInPage(
        request, name: form["name"], next: next, error: "sign_in.wrong")
    }
  }

  private func secondFactor(_ request: PortalRequest) async throws -> Response {
    let form = try await PortalForm(request)
    let next = PortalPath.inside(form["next"])
    let cookies = try request.incoming.field(.cookie)
    guard let ticket = PortalCookies.value(PortalCookies.step, in: cookies) else {
      return PortalAnswer.seeOther("/sign-in")
    }
    let code = form["code"].isEmpty ? form["recovery"] : form["code"]
    do {
      let session = try await exchange.signIn(
        ticket: Redacted(ticket), code: Redacted(code), from: request.origin())
      return try await begun(session, next, request)
    } catch let error as PeerChartError where error.code == .unauthenticated {
      return try await page(
        SecondFactorPage(next: next, error: "second.wrong"), request,
        status: .unprocessableContent)
    }
  }

  private func passkeySignIn(_ request: PortalRequest) async throws -> Response {
    let form = try await PortalForm(request)
    guard let party = try request.relyingParty(exchange.name.exposed) else {
      throw PeerChartError(.notSupported, "passkeys need a host name")
    }
    let next = PortalPath.inside(form["next"])
    do {
      let session = try await exchange.signIn(
        passkey: Array(form["answer"].utf8), ticket: Redacted(form["ticket"]), at: party,
        again: request.visitor?.signedIn.token, from: request.origin())
      return try await begun(session, next, request)
    } catch let error as PeerChartError where error.code == .unauthenticated {
      return try await signInPage(request, next: next, error: "sign_in.wrong_passkey")
    }
  }

  private func register(_ request: PortalRequest) async throws -> Response {
    let form = try await PortalForm(request)
    do {
      let session = try await exchange.register(
        AccountRegistration(
          code: form["code"], login: form["name"], name: form["display"],
          password: Redacted(form.secret("password")),
          language: request.strings.language.rawValue), from: request.origin())
      return try await begun(session, "/security", request)
    } catch let error as PeerChartError {
      guard let (field, word) = Self.fault(error) else { throw error }
      return try await page(
        RegisterPage(
          code: form["code"], name: form["name"], displayName: form["display"],
          errors: [field: word]), request, notes: [PageFrame.Note(.alarm, "error.form")],
        status: .unprocessableContent)
    }
  }

  /// Which field of the form to open an account an error is about, and the words for it.
  private static func fault(_ error: PeerChartError) -> (field: String, word: String)? {
    switch (error.code, error.place) {
    case (.forbidden, _): ("code", "register.wrong_code")
    case (.conflict, _): ("name", "register.taken")
    case (.invalid, "login"): ("name", "register.wrong_name")
    case (.invalid, "name"): ("display", "error.field")
    case (.invalid, _): ("password", "register.weak")
    default: nil
    }
  }

  /// The browser keeps the session; what it kept for the steps before goes. Who was signed in and has
  /// shown again who they are goes on in the same capacity.
  func begun(
    _ session: NewSession, _ next: String, _ request: PortalRequest
  ) async throws -> Response {
    var session = session
    if let visitor = request.visitor, visitor.signedIn.account == session.token.account,
      session.isMultiFactor
    {
      let origin = try request.origin()
      let signedIn = try await exchange.authenticate(
        session: session.token, purpose: nil, networkAddress: origin.networkAddress,
        requestID: origin.requestID)
      if let capacity = visitor.signedIn.capacity, capacity != signedIn.capacity {
        session = try await exchange.act(as: capacity, signedIn, from: origin)
      }
      try await exchange.signOut(visitor.signedIn.token, from: origin)
    }
    return PortalAnswer.seeOther(
      session.isMultiFactor ? next : "/security", cookies: Self.cookies(session))
  }

  /// What a browser keeps of a session goes.
  static var forgotten: [String] {
    [PortalCookies.session, PortalCookies.chart, PortalCookies.emergency].map {
      PortalCookies.setting($0, "", seconds: 0)
    }
  }

  static func cookies(_ session: NewSession) -> [String] {
    [
      PortalCookies.setting(PortalCookies.session, session.token.text.exposed),
      PortalCookies.setting(
        PortalCookies.device, session.deviceTicket.exposed, seconds: longCookie),
      PortalCookies.setting(PortalCookies.step, "", seconds: 0),
      PortalCookies.setting(PortalCookies.form, "", seconds: 0),
    ]
  }

  func chooseLanguage(_ request: PortalRequest) async throws -> Response {
    let form = try await PortalForm(request)
    guard let language = Language(rawValue: form["language"]) else {
      throw PeerChartError(.invalid, "the pages do not speak this language", place: "language")
    }
    if let visitor = request.visitor {
      try await exchange.setLanguage(
        language.rawValue, visitor.signedIn, from: request.origin())
    }
    let back = form["to"]
    let route = PortalRoute(path: back)
    let isOpen = route?.isOpen == true && route?.methods.contains("GET") == true
    return PortalAnswer.seeOther(
      isOpen ? back : PortalPath.inside(back),
      cookies: [
        PortalCookies.setting(
          PortalCookies.language, language.rawValue, seconds: Self.longCookie)
      ])
  }
}
