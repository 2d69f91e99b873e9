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
    case .answer(let location): return PortalAnswer.seeOther(location)
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
    if case .app(let id) = request.route {
      _ = try await PortalForm(request)
      try await exchange.endAppGrant(id, as: visitor.signedIn, from: request.origin())
      return PortalAnswer.seeOther("/apps?done=app_ended")
    }
    return try await page(
      AppsPage(apps: try await exchange.appGrants(of: visitor.signedIn)), request)
  }
}
