import Exchange
import FHIR
import Foundation
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// The visitor's own ways to sign in, and sessions.
  func security(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    switch request.route {
    case .session(let id):
      _ = try await PortalForm(request)
      // All but the one that asks, or one by its id.
      try await exchange.endSession(
        id == "others" ? nil : id, as: visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/security?done=ended")
    case .passkey(let id): return try await passkey(id, visitor, request)
    case .password: return try await password(visitor, request)
    case .recoveryCodes: return try await recoveryCodes(visitor, request)
    case .removeOneTimeCodes:
      _ = try await PortalForm(request)
      try await exchange.removeOneTimeCodes(visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/security?done=removed")
    case .passkeys: return try await passkeys(request)
    case .oneTimeCodes: return try await oneTimeCodes(request)
    default: return try await overview(visitor, request)
    }
  }

  private func overview(_ visitor: PortalVisitor, _ request: PortalRequest) async throws -> Response
  {
    let signedIn = visitor.signedIn
    var methods = signedIn.passkeys.map {
      SecurityPage.Method(.passkey, id: $0.id, name: $0.name, since: $0.created)
    }
    methods += signedIn.certificates.map { SecurityPage.Method(.card, id: $0.id, name: $0.name) }
    methods.append(SecurityPage.Method(.password))
    if signedIn.hasOneTimeCodes { methods.append(SecurityPage.Method(.totp)) }
    let sessions = try await exchange.sessions(of: signedIn).map { session in
      SecurityPage.Session(
        id: session.id, device: session.device ?? "–", address: session.address ?? "–",
        last: session.lastUsed ?? session.began, isCurrent: session.isThisOne)
    }
    var model = SecurityPage(
      methods: methods, sessions: sessions,
      offersPasskeys: try request.relyingParty(exchange.name.exposed) != nil,
      hasSecondFactor: signedIn.hasOneTimeCodes || !signedIn.passkeys.isEmpty
        || !signedIn.certificates.isEmpty,
      hasOneTimeCodes: signedIn.hasOneTimeCodes, hasFirstSteps: visitor.isOwner)
    model.offersCards = try await exchange.takesCertificates()
    return try await page(model, request)
  }

  private func passkey(
    _ id: String, _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    guard let known = visitor.signedIn.passkeys.first(where: { $0.id == id }) else {
      throw PeerChartError(.notFound, "there is no such passkey")
    }
    guard request.isPost else {
      return try await page(PasskeyNamePage(id: id, name: known.name), request)
    }
    let form = try await PortalForm(request)
    guard form["do"] == "rename" else {
      try await exchange.removePasskey(id, visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/security?done=removed")
    }
    guard !form["name"].isEmpty else {
      return try await page(
        PasskeyNamePage(id: id, name: "", error: "error.field"), request,
        status: .unprocessableContent)
    }
    try await exchange.renamePasskey(
      id, to: form["name"], visitor.signedIn, from: request.origin())
    return PortalAnswer.seeOther("/security?done=changed")
  }

  private func password(
    _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    // Nobody types a new password to hear then that a factor is to be shown first.
    try await exchange.requireFreshFactor(visitor.signedIn)
    guard request.isPost else { return try await page(PasswordPage(), request) }
    let form = try await PortalForm(request)
    do {
      let session = try await exchange.changePassword(
        from: Redacted(form.secret("current")), to: Redacted(form.secret("password")),
        visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/security?done=password", cookies: Self.cookies(session))
    } catch let error as PeerChartError where [.unauthenticated, .invalid].contains(error.code) {
      let isOld = error.code == .unauthenticated
      return try await page(
        PasswordPage(
          errors: isOld ? ["current": "password.wrong"] : ["password": "register.weak"]), request,
        notes: [PageFrame.Note(.alarm, "error.form")], status: .unprocessableContent)
    }
  }

  private func recoveryCodes(
    _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    try await exchange.requireFreshFactor(visitor.signedIn)
    guard request.isPost else { return try await page(RenewCodesPage(), request) }
    _ = try await PortalForm(request)
    let codes = try await exchange.renewRecoveryCodes(visitor.signedIn, from: request.origin())
    return try await page(RecoveryCodesPage(codes: codes.map(\.exposed)), request)
  }

  private func passkeys(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    guard let party = try request.relyingParty(exchange.name.exposed) else {
      throw PeerChartError(.notSupported, "passkeys need a host name")
    }
    if request.isPost {
      let form = try await PortalForm(request)
      let session = try await exchange.addPasskey(
        Array(form["answer"].utf8), name: form["name"], ticket: Redacted(form["ticket"]),
        at: party, visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/security?done=added", cookies: Self.cookies(session))
    }
    let prompt = try await exchange.promptForNewPasskey(at: party, visitor.signedIn)
    return try await page(
      NewPasskeyPage(
        form: PasskeyForm(
          options: String(decoding: prompt.options, as: UTF8.self),
          ticket: prompt.ticket.exposed)), request)
  }

  private func oneTimeCodes(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    if request.isPost {
      let form = try await PortalForm(request)
      do {
        let (session, codes) = try await exchange.setOneTimeCodes(
          ticket: Redacted(form["ticket"]), code: Redacted(form["code"]), visitor.signedIn,
          from: request.origin())
        // Shown once, so by this answer: after another one the codes would be gone.
        return try await page(
          RecoveryCodesPage(codes: codes.map(\.exposed)), request, begun: session)
      } catch let error as PeerChartError where error.code == .unauthenticated {
        return try await page(
          try appPage(
            uri: form["uri"], ticket: form["ticket"], error: "second.wrong"), request,
          status: .unprocessableContent)
      }
    }
    let prompt = try exchange.promptForOneTimeCodes(visitor.signedIn)
    return try await page(
      appPage(uri: prompt.uri.exposed, ticket: prompt.ticket.exposed, error: nil), request)
  }

  private func appPage(uri: String, ticket: String, error: String?) throws -> OneTimeCodesPage {
    guard uri.hasPrefix("otpauth://totp/"), uri.utf8.count <= 1024 else {
      throw PeerChartError(.invalid, "this is no key of an authenticator app", place: "uri")
    }
    let secret = URLComponents(string: uri)?.queryItems?.first { $0.name == "secret" }?.value ?? ""
    return OneTimeCodesPage(
      uri: uri, secret: secret, ticket: ticket, code: try QRCode(uri), error: error)
  }
}
