import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Web

/// The pages for people.
extension AccessProbe {
  private static func page(_ path: String) -> AccessProbe {
    AccessProbe("GET", { _ in path }, open: [200])
  }

  private static func form(
    _ path: String, open: [Int], shut: Set<Int> = [], _ fields: [(String, String)] = []
  ) -> AccessProbe {
    AccessProbe("POST", open: open, shut: shut) { _, _ in Request(path: path, form: fields) }
  }

  /// A form whose token is wrong: whoever has a session is told so, others that they have none.
  private static func forged(_ path: String) -> AccessProbe {
    AccessProbe("POST", open: [403]) { _, _ in
      Request(path: path, form: [], isForged: true)
    }
  }

  /// What nobody has: whoever comes so far is told that.
  private static func missing(_ method: String, _ path: String) -> AccessProbe {
    AccessProbe(method, open: [404]) { _, _ in
      Request(path: path, form: method == "POST" ? [] : nil)
    }
  }

  static var gate: [AccessProbe] {
    [
      AccessProbe("GET", open: [200, 303]) { _, _ in Request(path: "/sign-in") },
      form(
        "/sign-in", open: [], shut: [422], [("name", "nobody"), ("password", "wrong password 7")]
      )
      .with { $0.isDear = true },
      page("/sign-in/code"),
      form("/sign-in/code", open: [], [("code", "000000")]),
      form("/sign-in/passkey", open: [], shut: [422], [("answer", "{}"), ("ticket", "x")]),
      form("/sign-in/card", open: [], shut: [422]), page("/register"),
      form(
        "/register", open: [], shut: [422],
        [("code", "wrong"), ("name", "nobody"), ("display", "N"), ("password", "x")]),
      page("/verify"), form("/verify", open: [415]),
      AccessProbe("GET", open: [200]) { scene, _ in Request(path: "/assets/\(scene.asset)") },
      form("/language", open: [303], [("language", "en"), ("to", "/")]),
    ]
  }

  static var own: [AccessProbe] {
    [
      forged("/sign-out"), page("/security"), page("/security/app"), forged("/security/app"),
      page("/security/passkeys"), forged("/security/passkeys"),
      form("/security/sessions/none", open: [404]),
      AccessProbe("GET", { _ in "/" }, open: [200, 303]), page("/family"),
      form("/family", open: [303], [("patient", "p-none")]), page("/apps"),
      form("/apps/none", open: [404]), page("/events"),
      AccessProbe("GET", open: [200]) { scene, _ in
        Request(path: "/oauth/authorize?" + authorization(scene))
      },
      page("/emergency"), decision,
      AccessProbe("GET", open: [303]) { _, _ in Request(path: "/emergency/none") },
    ]
  }

  /// The visitor's own account, and what others have named them for.
  static var account: [AccessProbe] {
    [
      forged("/security/cards"), forged("/security/cards/none"), forged("/security/app/remove"),
      page("/security/password"), forged("/security/password"), page("/security/codes"),
      forged("/security/codes"), page("/account"), forged("/account"), page("/account/close"),
      forged("/account/close"), AccessProbe("GET", { _ in "/welcome" }, open: [200, 303]),
      missing("GET", "/family/none"), missing("POST", "/family/none"),
      missing("GET", "/apps/none/open"), missing("POST", "/apps/none/open"),
      missing("GET", "/security/passkeys/none"), missing("POST", "/security/passkeys/none"),
    ]
  }

  /// A refusal of the app: with a ticket of one's own, where one gets any.
  private static var decision: AccessProbe {
    AccessProbe("POST", open: []) { _, _ in
      Request(path: "/oauth/authorize", form: [("decision", "deny")])
    }.with {
      $0.prepare = { scene, credential, request in
        guard case .cookie(let token) = credential,
          let visitor = try? await scene.node.exchange.authenticate(
            session: token, purpose: nil, networkAddress: nil, requestID: "test"),
          case .decide(let prompt) = try await scene.node.exchange.authorize(
            scene.app.request("openid user/*.rs"), visitor: visitor, at: App.server)
        else { return }
        request.form?.append(("ticket", prompt.ticket.exposed))
      }
      $0.hasPassed = { answer, _ in
        answer.status == 303 && answer.fields["location"]?.hasPrefix(App.redirect) == true
      }
    }
  }

  private static func authorization(_ scene: AccessScene) -> String {
    let challenge = String(repeating: "c", count: 43)
    return QueryString([
      ("response_type", "code"), ("client_id", scene.app.id), ("redirect_uri", App.redirect),
      ("scope", "openid user/*.rs"), ("state", "a"), ("code_challenge", challenge),
      ("code_challenge_method", "S256"), ("aud", App.server.fhirBase),
    ]).encoded
  }

  static var chart: [AccessProbe] {
    [
      page("/requests"), form("/requests/none", open: [404]),
      AccessProbe("GET", { _ in "/requests/none" }, open: [404]),
      page("/family/new"), form("/family/new", open: [200, 400, 422]),
      page("/record/new"), form("/record/new", open: [200, 400, 422]),
      page("/record/upload"), form("/record/upload", open: [200, 415, 422]),
      page("/sharing"), page("/sharing/new"), form("/sharing/new", open: [422]),
      page("/sharing/cards"), form("/sharing/cards", open: [422]),
      page("/sharing/links"), form("/sharing/links", open: [422]),
      missing("POST", "/sharing/cards/none"), missing("POST", "/sharing/links/none"),
      missing("GET", "/sharing/links/none"),
      AccessProbe("POST", open: [303]) { scene, chart in
        Request(path: "/sharing/\(scene.revoked[chart] ?? "")/revoke", form: [])
      }.with { $0.isAboutChart = true },
      AccessProbe("GET", open: [200]) { _, chart in Request(path: "/log", chart: chart) },
      AccessProbe("GET", open: [200]) { scene, chart in
        Request(path: "/log/\(scene.entries[chart] ?? -1)/proof", chart: chart)
      }.with { $0.isAboutChart = true },
      shown("lab") { _ in "/record" }, shown("drug") { _ in "/record" },
      shown("lab") { _ in "/record/lab-results" }, shown("drug") { _ in "/record/medications" },
      shown("lab") { _ in "/record/search?q=mark" },
      shown("lab") { "/record/Observation/lab-\($0)" },
      shown("drug") { "/record/MedicationRequest/drug-\($0)" },
      shown("cover") { "/record/Coverage/cover-\($0)" },
    ]
  }

  private static func shown(
    _ record: String, _ path: @escaping (String) -> String
  ) -> AccessProbe {
    AccessProbe("GET", showing: record) { _, chart in Request(path: path(chart), chart: chart) }
  }

  static var staff: [AccessProbe] {
    [
      page("/training"), form("/training", open: [422]),
      page("/patients/p-none"), form("/patients/p-none", open: [400, 422]),
      missing("GET", "/shared/none"), missing("GET", "/shared/none/problems"),
      missing("GET", "/shared/none/search?q=x"), missing("GET", "/shared/none/Observation/o"),
      page("/patients"), page("/requests/new"), form("/requests/new", open: [422]),
      AccessProbe("POST", open: [303]) { _, chart in
        Request(
          path: "/emergency",
          form: [
            ("patient", chart), ("reason", "unconscious"), ("text", "unconscious"), ("hours", "1"),
          ])
      },
      form("/emergency/none", open: [404], [("judgement", "accepted"), ("note", "n")]),
      page("/staff"), page("/entities"), page("/witnesses"),
      form(
        "/staff", open: [404], [("do", "disable"), ("account", String(repeating: "a", count: 32))]
      )
      .with {
        $0.permission = .manageAccounts
      },
      form(
        "/staff", open: [422],
        [("do", "invite-patient"), ("relation", "self"), ("patient", "none")]),
    ]
  }
}

extension AccessProbe.Request {
  /// A page of the chart that the visitor has turned to.
  init(path: String, chart: String) {
    self.init(path: path, fields: [("Cookie", "__Host-peerchart-chart=\(chart)")])
  }
}
