import Exchange
import Hummingbird
import Primitives

extension PortalRoutes {
  /// A year: who chose a language means it for good.
  private static let languageSeconds = 365 * 86_400

  /// Signing in and out, and making an account.
  func gate(_ request: PortalRequest) async throws -> Response {
    switch request.route {
    case .signIn where !request.isPost:
      guard request.visitor == nil else { return PortalAnswer.seeOther("/") }
      return try await page(SignInPage(next: PortalPath.inside(request.value("next"))), request)
    case .secondFactor where !request.isPost:
      return try await page(
        SecondFactorPage(next: PortalPath.inside(request.value("next"))), request)
    case .register where !request.isPost:
      return try await page(RegisterPage(code: request.value("code")), request)
    default:
      _ = try await PortalForm(request)
      throw PeerChartError(.notSupported, "this node keeps no accounts")
    }
  }

  /// The visitor's own: charts, sessions, ways to sign in.
  func account(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    switch request.route {
    case .family where request.isPost:
      let chart = try await PortalForm(request)["chart"]
      guard visitor.charts.contains(where: { $0.id == chart }) else {
        throw PeerChartError(.notFound, "there is no such chart")
      }
      return PortalAnswer.seeOther(
        "/?done=switched", cookies: [PortalCookies.setting(PortalCookies.chart, chart)])
    case .family:
      return try await page(
        FamilyPage(people: visitor.charts.map { FamilyPage.Person($0) }, shown: visitor.chart),
        request)
    default: throw PeerChartError(.notSupported, "this node keeps no accounts")
    }
  }

  func chooseLanguage(_ request: PortalRequest) async throws -> Response {
    let form = try await PortalForm(request)
    guard let language = Language(rawValue: form["language"]) else {
      throw PeerChartError(.invalid, "the pages do not speak this language", place: "language")
    }
    let back = form["to"]
    let route = PortalRoute(path: back)
    let isOpen = route?.isOpen == true && route?.methods.contains("GET") == true
    return PortalAnswer.seeOther(
      isOpen ? back : PortalPath.inside(back),
      cookies: [
        PortalCookies.setting(
          PortalCookies.language, language.rawValue, seconds: Self.languageSeconds)
      ])
  }
}
