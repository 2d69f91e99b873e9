import Exchange
import HTTPTypes
import Hummingbird
import Identity
import Logging
import NIOHTTP1
import Primitives

/// Answers every request: finds its route, lets the route answer, turns errors into what the caller
/// may know of them, and logs one line that names nobody.
struct NodeResponder: Sendable {
  private let fhir: FHIRRoutes
  private let peer: PeerRoutes
  private let logRoutes: LogRoutes
  private let oauth: OAuthRoutes
  private let api: APIRoutes
  private let portal: PortalRoutes
  private let health: HealthRoutes
  private let publicAddress: BaseURL?
  private let exchange: Exchange
  private let proxies: [NetworkRange]
  let requestIDs = RequestIDs()
  private let logger: Logger

  init(
    exchange: Exchange, configuration: NodeServerConfiguration, readiness: Readiness, logger: Logger
  ) throws {
    let authenticator = Authenticator(exchange: exchange)
    let capabilities = CapabilityDocuments(
      version: configuration.softwareVersion, date: configuration.date)
    fhir = FHIRRoutes(
      exchange: exchange, authenticator: authenticator, capabilities: capabilities)
    peer = PeerRoutes(exchange: exchange, authenticator: authenticator, readiness: readiness)
    logRoutes = LogRoutes(exchange: exchange)
    oauth = OAuthRoutes(exchange: exchange)
    api = try APIRoutes(exchange: exchange, version: configuration.softwareVersion)
    portal = try PortalRoutes(exchange: exchange)
    health = HealthRoutes(exchange: exchange)
    self.exchange = exchange
    proxies = configuration.trustedProxies
    publicAddress = try configuration.publicAddress.map { text throws(PeerChartError) in
      try BaseURL(configured: text)
    }
    self.logger = logger
  }

  /// - Throws: `HTTPParserError` only.
  func respond(to request: Request) async throws -> Response {
    let started = ContinuousClock.now
    let requestID = requestIDs.next()
    let target = request.head.path ?? ""
    // Bytes, not characters: a combining mark behind a question mark must not hide it.
    let path = target[..<(target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex)]
    var route: Route?
    var response: Response
    do {
      let named = try Route(path: path)
      route = named
      response = try await answer(
        request, named, Substring(target.utf8[path.endIndex...].dropFirst()), requestID)
    } catch let error as HTTPParserError {
      // Not a request at all: Hummingbird answers 400 and closes the connection.
      throw error
    } catch {
      response = refusal(of: error, request, route, isFHIR: Route.isFHIR(path: path), requestID)
      if let format = try? MediaTypes.wanted(accept: request.headers[.accept], format: nil),
        let presented = try? await Presentation(format: format).apply(to: response)
      {
        response = presented
      }
    }
    if request.headers.contains(.dpop), let nonce = try? await oauth.exchange.proofNonce() {
      response.headers[.dpopNonce] = nonce
    }
    let isTLS = (try? Connection.current.map { try origin(of: request, $0).isTLS }) ?? true
    let usual = Self.usualFields(isTLS: isTLS)
    if response.headers.contains(.cacheControl) {
      // An asset of the pages may be kept.
      for field in usual where !response.headers.contains(field.name) {
        response.headers.append(field)
      }
    } else {
      response.headers.append(contentsOf: usual)
    }
    response.headers.append(HTTPField(name: .requestID, value: requestID))
    let type = response.headers[.contentType]
    if type == MediaTypes.fhir || type == MediaTypes.fhirXML || type == MediaTypes.ndjson {
      response.headers[.vary] = Self.varying
      if CompressedBody.isTaken(request.headers[.acceptEncoding]) {
        response = CompressedBody.compress(response)
      }
    }
    if (response.body.contentLength ?? .max) > Self.briefBody {
      response.body = Self.elsewhere(response.body)
    }
    if request.method == .head { response = response.createHeadResponse() }
    Self.log(
      request.method, route, status: response.status.code, requestID, ContinuousClock.now - started,
      logger)
    return response
  }

  private func answer(
    _ request: Request, _ route: Route, _ rawQuery: Substring, _ requestID: String
  ) async throws -> Response {
    let method = request.method == .head ? "GET" : request.method.rawValue
    guard route.methods.contains(method) else {
      throw PeerChartError(.methodNotAllowed, "the methods here are \(route.allow)")
    }
    guard let connection = Connection.current, !Self.repeatsHost(request),
      !rawQuery.utf8.contains(UInt8(ascii: "#"))
    else { throw PeerChartError(.malformed, "this is no proper HTTP request") }
    let incoming = Incoming(
      request: request, route: route, rawQuery: rawQuery,
      connection: connection.forwarded(try origin(of: request, connection)),
      requestID: requestID, publicAddress: publicAddress)
    if Self.isForStrangers(route, method) {
      try exchange.countStranger(
        at: incoming.connection.remoteAddress,
        device: PortalCookies.value(PortalCookies.device, in: request.headers[.cookie])
          .map { Redacted($0) })
    }
    guard route.isBrief(method), rawQuery.isEmpty else {
      return try await withTaskExecutorPreference(globalConcurrentExecutor) {
        try await answer(incoming)
      }
    }
    return try await answer(incoming)
  }

  /// Where a request comes from: from its connection, or from where one of the operator's proxies says.
  private func origin(
    of request: Request, _ connection: Connection
  ) throws(PeerChartError) -> ForwardedOrigin {
    guard !proxies.isEmpty else { return ForwardedOrigin(of: connection) }
    return try ForwardedOrigin(
      connection: connection.remoteAddress, isTLS: connection.isTLS, proxies: proxies
    ) { name in HTTPField.Name(name).map { request.headers[values: $0] } ?? [] }
  }

  /// Whether nobody has to be known here, so that the address is counted. What says that the node is alive
  /// is asked by machines that watch it, and files belong to pages that were counted.
  private static func isForStrangers(_ route: Route, _ method: String) -> Bool {
    switch route {
    case .ready, .live, .portal(.asset): return false
    default:
      let access = route.access(method)
      return access == .anybody || access == .proof
    }
  }

  private func answer(_ incoming: Incoming) async throws -> Response {
    switch incoming.route {
    case .ready, .live, .identity, .pairing, .messages, .breakGlass, .entity:
      return try await peer.answer(incoming)
    case .logCheckpoint, .logTile, .addCheckpoint, .documentStatus:
      return try await logRoutes.answer(incoming)
    case .server(let document):
      return Answer.json(document.bytes(try OAuthRoutes.server(incoming)))
    case .oauth(let endpoint): return try await oauth.answer(endpoint, incoming)
    case .registration(let id): return try await oauth.registration(id, incoming)
    case .communityMetadata: return try await oauth.communityMetadata(incoming)
    case .cardKeys, .cardList, .healthLink: return try await health.answer(incoming)
    // What a file holds does not depend on what is asked for.
    case .bulkFile: return try await fhir.answer(incoming)
    case .api(let route): return try await api.answer(incoming, route)
    case .portal(let page): return try await portal.answer(incoming, page)
    default:
      let presentation = try FHIRRoutes.presentation(incoming)
      return try await presentation.apply(to: fhir.answer(incoming))
    }
  }

  private func refusal(
    of error: any Error, _ request: Request, _ route: Route?, isFHIR: Bool, _ requestID: String
  ) -> Response {
    let method = request.method
    let challenge = error as? OAuthError
    let report = ErrorReport(
      challenge.map { PeerChartError(Self.code(of: $0), $0.description) } ?? error,
      in: ErrorStatus.Circumstances(
        hasContent: method == .put || method == .patch
          || method == .post && route.map(Self.takesResource) ?? false
          || route.map(Self.isAPI) ?? false,
        isFromPeer: route == .messages || route == .pairing),
      requestID: requestID)
    if report.status >= 500 {
      logger.error(
        "request failed",
        metadata: ["request": .string(requestID), "error": .string(Self.description(of: error))])
    }
    var fields: HTTPFields = [:]
    switch report.status {
    case 401:
      if let challenge {
        fields[.wwwAuthenticate] = challenge.challenge(dpop: true)
      } else {
        fields[.wwwAuthenticate] =
          request.headers.contains(.authorization)
          ? #"Bearer realm="peerchart", error="invalid_token""# : #"Bearer realm="peerchart""#
        if !(route.map(Self.isAPI) ?? false) {
          fields.append(HTTPField(name: .wwwAuthenticate, value: OAuthError.proofChallenge))
        }
      }
    case 405: fields[.allow] = route?.allow
    case 408, 413: fields[.connection] = "close"
    case 429, 503:
      let wait = (error as? PeerChartError)?.cause as? WaitingTime
      fields[.retryAfter] = String(wait?.seconds ?? 5)
    default: break
    }
    if case .oauth = route, report.status == 429 {
      // RFC 6749 has no code of its own for it; this one says to come back.
      return Answer.json(
        OAuthError(.temporarilyUnavailable, report.reason).body, status: .tooManyRequests,
        fields: fields)
    }
    if case .healthLink = route { fields[.accessControlAllowOrigin] = "*" }
    if case .portal = route {
      fields[.wwwAuthenticate] = nil
      return portal.refusal(report, request, fields: fields)
    }
    return Answer.json(
      isFHIR ? report.operationOutcome : report.problem,
      type: isFHIR ? MediaTypes.fhir : MediaTypes.problem,
      status: HTTPResponse.Status(code: report.status), fields: fields)
  }

  /// What is wrong with a token or its proof is an error of its own only where it came with a request for
  /// records.
  private static func code(of error: OAuthError) -> PeerChartError.Code {
    switch error.resourceStatus {
    case 401: .unauthenticated
    case 403: .forbidden
    default: .malformed
    }
  }

  /// The first `Host` field is the request's authority; another one is left among the fields.
  private static func repeatsHost(_ request: Request) -> Bool {
    request.headers.contains { $0.name.canonicalName == "host" }
  }

  private static func takesResource(_ route: Route) -> Bool {
    switch route {
    case .typeSearch, .compartment: return false
    default: return true
    }
  }

  /// There, 400 is what the document does not allow, and 422 what it allows and makes no sense.
  private static func isAPI(_ route: Route) -> Bool {
    if case .api = route { true } else { false }
  }

  /// A reason of ours holds no health information; of any other error only the type is logged.
  private static func description(of error: any Error) -> String {
    (error as? PeerChartError)?.description ?? String(describing: type(of: error))
  }

  static func log(
    _ method: HTTPRequest.Method, _ route: Route?, status: Int, _ requestID: String,
    _ duration: Duration, _ logger: Logger
  ) {
    let level: Logger.Level = status < 400 ? .debug : .info
    guard logger.logLevel <= level else { return }
    let (seconds, attoseconds) = duration.components
    logger.log(
      level: level, "request",
      metadata: [
        "method": .string(method.rawValue), "route": .string(route?.pattern ?? "-"),
        "status": .stringConvertible(status),
        "us": .stringConvertible(seconds * 1_000_000 + attoseconds / 1_000_000_000_000),
        "request": .string(requestID),
      ])
  }

  /// A longer body is made piece by piece, and not on the thread of the connection.
  private static let briefBody = 64 << 10

  private static func elsewhere(_ body: ResponseBody) -> ResponseBody {
    ResponseBody(contentLength: body.contentLength) { writer in
      let parent = writer
      try await withTaskExecutorPreference(globalConcurrentExecutor) {
        try await body.write(parent)
      }
    }
  }

  /// What an answer in FHIR's formats depends on.
  static let varying = "Accept, Accept-Encoding"

  /// What every answer says.
  static func usualFields(isTLS: Bool) -> HTTPFields { isTLS ? secureFields : commonFields }

  /// Health information is not for caches, and JSON is nothing else than JSON.
  private static let commonFields: HTTPFields = [
    .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
  ]
  private static let secureFields: HTTPFields = [
    .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
    .strictTransportSecurity: "max-age=31536000; includeSubDomains",
  ]
}
