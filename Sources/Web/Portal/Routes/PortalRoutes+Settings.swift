import Exchange
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// The visitor's own account: language, mail, closing it.
  func account(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    if request.route == .closeAccount { return try await closeAccount(visitor, request) }
    guard request.isPost else { return try await page(accountPage(visitor, request), request) }
    let form = try await PortalForm(request)
    let (signedIn, origin) = (visitor.signedIn, try request.origin())
    switch form["do"] {
    case "language":
      guard let language = Language(rawValue: form["language"]) else {
        throw PeerChartError(.invalid, "the pages do not speak this language", place: "language")
      }
      try await exchange.setLanguage(language.rawValue, signedIn, from: origin)
      return PortalAnswer.seeOther(
        "/account?done=changed",
        cookies: [
          PortalCookies.setting(
            PortalCookies.language, language.rawValue, seconds: Self.longCookie)
        ])
    case "email": return try await nameAddress(form["email"], visitor, request)
    case "code": return try await proveAddress(form["code"], visitor, request)
    case "mail-on", "mail-off":
      try await exchange.wantMail(form["do"] == "mail-on", signedIn, from: origin)
    case "mail-remove": try await exchange.removeMailAddress(signedIn, from: origin)
    default: throw PeerChartError(.invalid, "this form asks for nothing", place: "do")
    }
    return PortalAnswer.seeOther("/account?done=changed")
  }

  private func accountPage(
    _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> AccountPage {
    let settings = try await exchange.mailSettings(of: visitor.signedIn)
    let mail = AccountPage.Mail(
      address: settings.address?.exposed, unproven: settings.unproven?.exposed,
      isWanted: settings.isWanted)
    return AccountPage(
      name: visitor.name, login: visitor.signedIn.login.exposed,
      language: request.strings.language, mail: exchange.sendsMail ? mail : nil)
  }

  private func nameAddress(
    _ address: String, _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    do {
      try await exchange.nameMailAddress(address, visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/account?done=code_sent")
    } catch let error as PeerChartError where error.code == .invalid {
      var model = try await accountPage(visitor, request)
      model.typed = address
      model.errors = ["email": "account.error_email"]
      return try await page(model, request, status: .unprocessableContent)
    }
  }

  private func proveAddress(
    _ code: String, _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    do {
      try await exchange.proveMailAddress(
        code: code, visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/account?done=mail_proven")
    } catch let error as PeerChartError where error.code == .unauthenticated {
      var model = try await accountPage(visitor, request)
      model.errors = ["code": "account.error_code"]
      return try await page(model, request, status: .unprocessableContent)
    }
  }

  private func closeAccount(
    _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    try await exchange.requireFreshFactor(visitor.signedIn)
    guard request.isPost else { return try await page(CloseAccountPage(), request) }
    let form = try await PortalForm(request)
    guard form["confirm"] == "yes" else {
      return try await page(
        CloseAccountPage(error: "account.error_confirm"), request, status: .unprocessableContent)
    }
    try await exchange.closeAccount(visitor.signedIn, from: request.origin())
    return PortalAnswer.seeOther("/sign-in?done=closed", cookies: Self.forgotten)
  }
}
