import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// An app's request for access, and the person's answer (RFC 6749 section 3.1).
  func authorize(_ request: PortalRequest) async throws -> Response {
    do {
      return request.isPost ? try await decide(request) : try await ask(request)
    } catch let error as OAuthError {
      guard let target = error.target else {
        // Nobody is sent to an address that is not known to be the app's.
        throw PeerChartError(.invalid, "the app's request is not right: \(error.description)")
      }
      let server = try OAuthRoutes.server(request.incoming)
      return PortalAnswer.seeOther(target.location(error: error, issuer: server.issuer))
    }
  }

  private func ask(_ request: PortalRequest) async throws -> Response {
    let parameters = try FormParameters(query: String(request.incoming.rawQuery))
    let step = try await exchange.authorize(
      parameters, visitor: request.visitor?.signedIn,
      at: OAuthRoutes.server(request.incoming))
    switch step {
    case .signIn:
      let here = PortalPath.inside(request.incoming.request.head.path ?? "/")
      var query = QueryString().adding("next", here)
      if request.visitor != nil { query = query.adding("again", "1") }
      return PortalAnswer.seeOther("/sign-in?" + query.encoded)
    case .decide(let prompt):
      let visitor = try request.signedIn()
      var answer = try await page(
        AuthorizePage(
          app: prompt.clientName, destination: prompt.destination, phrases: prompt.phrases,
          capacities: prompt.capacities.map { capacity in
            let id = capacity.description
            return (id: id, name: visitor.charts.first { $0.id == id }?.name ?? id)
          },
          ticket: prompt.ticket.exposed), request)
      // The browser follows the answer to this form to the app, and nowhere else.
      if let name = HTTPField.Name("Content-Security-Policy") {
        answer.headers[name] = PortalAnswer.policy(formsTo: prompt.destination)
      }
      return answer
    }
  }

  private func decide(_ request: PortalRequest) async throws -> Response {
    let form = try await PortalForm(request)
    let visitor = try request.signedIn()
    guard let capacity = Capacity(form["capacity"]) ?? visitor.signedIn.capacity else {
      throw PeerChartError(.invalid, "nobody was chosen to act as", place: "capacity")
    }
    let location = try await exchange.decide(
      Redacted(form["ticket"]),
      chosen: form["decision"] == "allow" ? form.all("scope").sorted() : nil, as: capacity,
      visitor.signedIn, at: OAuthRoutes.server(request.incoming), from: request.origin())
    return PortalAnswer.seeOther(location)
  }

  /// The apps that have access, and ending it.
  func apps(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    if case .openApp(let id) = request.route { return try await open(id, visitor, request) }
    if case .app(let id) = request.route {
      _ = try await PortalForm(request)
      try await exchange.endAppGrant(id, as: visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/apps?done=app_ended")
    }
    return try await page(
      AppsPage(
        apps: try await exchange.appGrants(of: visitor.signedIn),
        offered: try await exchange.launchableApps(for: visitor.signedIn)), request)
  }

  /// Opens an app for the chart that is shown (SMART App Launch 2.2, EHR launch).
  private func open(
    _ id: String, _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    guard
      let app = try await exchange.launchableApps(for: visitor.signedIn).first(where: {
        $0.id == id
      })
    else { throw PeerChartError(.notFound, "no app of that id is offered here") }
    let isStaff = visitor.signedIn.capacity?.patient == nil
    let chart = isStaff ? visitor.chart : nil
    guard request.isPost else {
      var answer = try await page(OpenAppPage(app: app, chart: chart), request)
      if let name = HTTPField.Name("Content-Security-Policy") {
        answer.headers[name] = PortalAnswer.policy(formsTo: app.address)
      }
      return answer
    }
    _ = try await PortalForm(request)
    guard !isStaff || chart != nil else {
      return PortalAnswer.seeOther("/apps?problem=no_chart")
    }
    return PortalAnswer.seeOther(
      try await exchange.launch(
        id, patient: chart, as: visitor.signedIn, at: OAuthRoutes.server(request.incoming)))
  }
}
