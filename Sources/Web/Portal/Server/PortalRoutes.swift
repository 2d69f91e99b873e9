import Consent
import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Identity
import Primitives

/// The pages for people: who asks, in which language, which page, and what is told when it goes wrong.
struct PortalRoutes: Sendable {
  let exchange: Exchange
  private let door: PortalDoor
  private let renderer: PageRenderer
  private let table: StringTable
  private let clock: any WallClock
  private let random: any RandomSource

  /// - Throws: `invalid` for a template or a table of words that cannot be read.
  init(
    exchange: Exchange, clock: any WallClock = SystemClock(),
    random: any RandomSource = SystemRandom()
  ) throws(PeerChartError) {
    self.exchange = exchange
    door = PortalDoor(exchange: exchange)
    self.clock = clock
    self.random = random
    renderer = try PageRenderer()
    table = try StringTable()
  }

  var now: Instant { clock.now() }

  /// - Throws: whatever the use case throws; `refusal` makes a page of it.
  func answer(_ incoming: Incoming, _ route: PortalRoute) async throws -> Response {
    if case .asset(let name) = route { return try asset(name) }
    let request = try await request(incoming, route)
    if request.visitor == nil, !route.isOpen {
      try exchange.countStranger(at: incoming.connection.remoteAddress)
    }
    guard route.isOpen || request.visitor != nil else { return try signInFirst(request) }
    if let visitor = request.visitor, visitor.signedIn.caller == nil {
      let hasBoth = visitor.signedIn.authentication.isMultiFactor
      guard hasBoth ? route.needsNoCapacity : route.needsNoSecondFactor else {
        return PortalAnswer.seeOther(
          hasBoth && !visitor.signedIn.proxies.isEmpty ? "/family" : "/security")
      }
    }
    if let visitor = request.visitor, visitor.needsTraining, route.showsOthersRecords {
      let back = route.methods.contains("GET") ? PortalPath.inside(incoming.path) : "/"
      return PortalAnswer.seeOther("/training?" + QueryString([("next", back)]).encoded)
    }
    do {
      return try await answer(request)
    } catch let error as PeerChartError where error.code == .stepUpRequired {
      let back = route.methods.contains("GET") ? incoming.path : "/"
      return PortalAnswer.seeOther(
        "/sign-in?" + QueryString([("again", "1"), ("next", PortalPath.inside(back))]).encoded)
    }
  }

  private func answer(_ request: PortalRequest) async throws -> Response {
    switch request.route {
    case .home: return try await home(request)
    case .signIn, .secondFactor, .passkeySignIn, .register, .signOut: return try await gate(request)
    case .language: return try await chooseLanguage(request)
    case .requests, .request: return try await requests(request)
    case .sharing, .newGrant, .revokeGrant: return try await sharing(request)
    case .healthCards, .healthCard: return try await healthCards(request)
    case .healthLinks, .healthLink: return try await healthLinks(request)
    case .log, .logProof: return try await log(request)
    case .record, .recordType, .recordSearch, .recordItem: return try await record(request)
    case .family: return try await family(request)
    case .shared, .sharedType, .sharedSearch, .sharedItem: return try await shared(request)
    case .newHelper: return try await newHelper(request)
    case .delegate(let patient): return try await delegate(for: patient, request)
    case .welcome: return try await welcome(request)
    case .newRecord: return try await newRecord(request)
    case .upload: return try await upload(request)
    case .verify: return try await verify(request)
    case .account, .closeAccount: return try await account(request)
    case .security, .session, .oneTimeCodes, .passkeys, .passkey, .password, .recoveryCodes,
      .removeOneTimeCodes:
      return try await security(request)
    case .patients, .newRequest, .staff: return try await staff(request)
    case .care(let patient): return try await care(of: patient, request)
    case .entities: return try await entities(request)
    case .witnesses: return try await witnesses(request)
    case .training: return try await training(request)
    case .emergencies, .emergency: return try await emergencies(request)
    case .authorize: return try await authorize(request)
    case .apps, .app, .openApp: return try await apps(request)
    case .cardSignIn, .cards, .card: return try await cards(request)
    case .events: return try await events(request)
    case .asset(let name): return try asset(name)
    }
  }

  private func request(_ incoming: Incoming, _ route: PortalRoute) async throws -> PortalRequest {
    let cookies = try incoming.field(.cookie)
    let browser = try Self.language(incoming, nil)
    let visitor = try await door.visitor(of: incoming) { table[$0 ?? browser] }
    return PortalRequest(
      incoming: incoming, route: route, visitor: visitor,
      strings: table[try Self.language(incoming, visitor)],
      csrf: visitor?.csrf ?? PortalCookies.value(PortalCookies.form, in: cookies) ?? "",
      query: try incoming.query())
  }

  private static func language(
    _ incoming: Incoming, _ visitor: PortalVisitor?
  ) throws -> Language {
    let chosen = PortalCookies.value(PortalCookies.language, in: try incoming.field(.cookie))
    // What was chosen in this browser goes before what the account says.
    return chosen.flatMap(Language.init) ?? visitor?.language
      ?? Language(acceptLanguage: incoming.request.headers[.acceptLanguage])
  }

  private func asset(_ name: String) throws -> Response {
    guard let asset = PortalFiles.assets.first(where: { $0.name == name }) else {
      throw PeerChartError(.notFound, "there is no such file")
    }
    return PortalAnswer.asset(asset)
  }

  private func signInFirst(_ request: PortalRequest) throws -> Response {
    guard request.incoming.request.method == .get, request.route != .events else {
      throw PeerChartError(.unauthenticated, "this page is for people who have signed in")
    }
    var next = request.incoming.request.head.path ?? "/"
    next = PortalPath.inside(next)
    let query = QueryString().adding("next", next).encoded
    return PortalAnswer.seeOther(next == "/" ? "/sign-in" : "/sign-in?\(query)")
  }
}

extension PortalRoutes {
  /// A page with its frame.
  ///
  /// - Parameter session: one that has taken the place of the request's.
  func page(
    _ model: some PageModel, _ request: PortalRequest, notes: [PageFrame.Note] = [],
    status: HTTPResponse.Status = .ok, begun session: NewSession? = nil
  ) async throws -> Response {
    var cookies = session.map(Self.cookies) ?? []
    var csrf = session?.token.formToken.exposed ?? request.csrf
    if request.visitor == nil, csrf.utf8.count != 43 {
      csrf = Base64URL.encode(random.bytes(32))
      cookies.append(PortalCookies.setting(PortalCookies.form, csrf))
    }
    var frame = PageFrame(
      csrf: csrf, here: request.incoming.path, account: request.visitor?.name)
    frame.notes = notes + Self.done(request)
    if let visitor = request.visitor {
      frame.charts = visitor.charts
      frame.chart = visitor.signedIn.capacity?.description
      frame.idleSeconds = visitor.idleSeconds
      frame.warningSeconds = Int(clamping: exchange.sessions.warning)
      let left = visitor.signedIn.endsAt.millisecondsSinceEpoch - now.millisecondsSinceEpoch
      frame.secondsLeft = Int(clamping: max(0, left / 1000))
      frame.listens = visitor.signedIn.caller != nil
      if visitor.signedIn.caller != nil {
        frame.links = Self.links(visitor, waiting: try await waiting(visitor))
      } else {
        let hasBoth = visitor.signedIn.authentication.isMultiFactor
        let word = visitor.signedIn.proxies.isEmpty ? "security.nobody" : "family.for_emergencies"
        frame.notes.append(
          PageFrame.Note(.waiting, hasBoth ? word : "security.second_needed"))
      }
      if visitor.isEmergency { frame.notes.append(PageFrame.Note(.alarm, "emergency.now")) }
    }
    return PortalAnswer.html(
      try renderer.page(model, in: frame, strings: request.strings), status: status,
      cookies: cookies)
  }

  /// What an error looks like to a person.
  func refusal(_ report: ErrorReport, _ request: Request, fields: HTTPFields) -> Response {
    let chosen = PortalCookies.value(PortalCookies.language, in: request.headers[.cookie])
    let language =
      chosen.flatMap(Language.init) ?? Language(acceptLanguage: request.headers[.acceptLanguage])
    let frame = PageFrame(csrf: "", here: "/")
    let model = MessagePage(
      status: report.status, request: report.status >= 500 ? report.requestID : nil)
    let html = try? renderer.page(model, in: frame, strings: table[language])
    var response = PortalAnswer.html(
      html ?? report.reason, status: HTTPResponse.Status(code: report.status))
    response.headers.append(contentsOf: fields)
    return response
  }

  /// `?done=WORD` after a form was taken: only words of the table are shown.
  private static func done(_ request: PortalRequest) -> [PageFrame.Note] {
    guard !request.isPost else { return [] }
    let word = request.value("done")
    if request.strings.has("done.\(word)") { return [PageFrame.Note(.good, "done.\(word)")] }
    let problem = request.value("problem")
    guard request.strings.has("problem.\(problem)") else { return [] }
    return [PageFrame.Note(.waiting, "problem.\(problem)")]
  }

  private static func links(_ visitor: PortalVisitor, waiting: Int) -> [PageFrame.Link] {
    var links: [PageFrame.Link] = []
    if visitor.isOwner {
      links += [
        PageFrame.Link("/", "home", icon: "home"),
        PageFrame.Link("/requests", "requests", icon: "inbox", waiting: waiting),
        PageFrame.Link("/sharing", "sharing", icon: "share"),
        PageFrame.Link("/record", "record", icon: "record"),
        PageFrame.Link("/log", "log", icon: "log"),
      ]
    } else {
      if visitor.permissions.contains(.requestAccess) {
        links.append(PageFrame.Link("/patients", "patients", icon: "family"))
      }
      if visitor.chart != nil { links.append(PageFrame.Link("/record", "record", icon: "record")) }
    }
    if !visitor.permissions.isDisjoint(with: [.breakGlass, .reviewBreakGlass]) {
      links.append(PageFrame.Link("/emergency", "emergency", icon: "alert"))
    }
    if !visitor.permissions.isDisjoint(with: [.manageAccounts, .invitePatients]) {
      links.append(PageFrame.Link("/staff", "staff", icon: "person"))
    }
    if visitor.permissions.contains(.seeTrust) {
      links.append(PageFrame.Link("/entities", "entities", icon: "seal"))
      links.append(PageFrame.Link("/witnesses", "witnesses", icon: "eye"))
    }
    return links
  }
}

/// Paths that come back from a browser.
package enum PortalPath {
  /// The path if it leads to a page of this node, else that of the first page: a link that somebody
  /// made must lead nowhere else after signing in.
  package static func inside(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    let route = PortalRoute(path: path.prefix { $0 != "?" })
    guard isPlain, path.utf8.count <= 4096, !path.hasPrefix("//"), let route,
      !route.isOpen || route == .authorize,
      route.methods.contains("GET"), route != .events
    else { return "/" }
    return path
  }
}

extension Incoming {
  /// The path without its query.
  var path: String {
    String((request.head.path ?? "/").prefix { $0 != "?" })
  }
}
