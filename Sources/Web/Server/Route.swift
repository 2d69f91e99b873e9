package import FHIR
package import Identity
package import Primitives

/// What a request's path names, before its method is looked at.
package enum Route: Hashable, Sendable {
  case ready
  case live
  case identity
  /// A document about the authorization server.
  case server(ServerDocument)
  case oauth(ServerMetadata.Endpoint)
  /// What an app registered, for the app itself.
  case registration(String)
  /// What there is for members of trust communities (UDAP).
  case communityMetadata
  case pairing
  case messages
  case breakGlass
  // The node's log, for everybody (C2SP tlog-tiles), and what other logs send to it (C2SP tlog-witness)
  case logCheckpoint
  case logTile(path: String)
  case addCheckpoint
  /// How a document that this node issued stands, by its key.
  case documentStatus(String)
  /// What this node says about an entity, as an accreditor.
  case entity(NodeID)
  case capabilities
  /// What there is for SMART apps.
  case smartConfiguration
  /// `/fhir` itself: transactions and batches.
  case system
  case type(String)
  /// `_search` of a type, or of the whole node.
  case typeSearch(String?)
  /// A type within a compartment, or all of it (`*`); `isForm` where `_search` follows.
  case compartment(CompartmentMembership, type: String?, isForm: Bool)
  case instance(String, id: String)
  case history(String, id: String)
  case operation(OperationCall)
  /// A bulk export or import, and a file that it offers.
  case bulkJob(String)
  case bulkFile(String, name: String)
  /// The history of a type, or of everything.
  case changes(String?)
  case version(String, id: String, number: Int64)
  /// The keys of this node's health cards, and the list of those of a key that were revoked.
  case cardKeys
  case cardList(String)
  /// A SMART Health Link, or a file that its manifest names.
  case healthLink(String, file: String?)
  /// The REST API.
  case api(APIRoute)
  /// A page for people.
  case portal(PortalRoute)

  /// Reads a path without its query.
  ///
  /// - Throws: `malformed` for a path that cannot be decoded, `not-found` for one that leads nowhere,
  ///   `not-supported` for a FHIR operation that is not offered.
  package init(path: some StringProtocol) throws(PeerChartError) {
    if path.hasPrefix("/log/tile/") {
      // As long as an index is: the log itself knows which of these there are.
      guard path.utf8.count <= 80, !path.utf8.contains(UInt8(ascii: "%")) else {
        throw Self.nothingThere
      }
      self = .logTile(path: String(path.dropFirst("/log/".count)))
      return
    }
    var segments: [String] = []
    let bytes = Substring(path).utf8.dropFirst()
    for segment in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      // No route is deeper than /fhir/Type/id/_history/version and a slash.
      guard segments.count < 6 else { throw Self.nothingThere }
      segments.append(try PercentCoding.decode(Substring(segment), place: "path"))
    }
    if segments.count > 1, segments.last == "" { segments.removeLast() }
    guard let first = segments.first else { throw Self.nothingThere }
    let rest = segments[1...]
    switch (first, rest.count) {
    case ("fhir", _): self = try Self.fhir(rest)
    case ("api", _):
      guard let route = APIRoute(segments: rest) else { throw Self.nothingThere }
      self = .api(route)
    case ("health", 0): self = .ready
    case ("health", 1) where rest[1] == "live": self = .live
    case (".well-known", 1) where rest[1] == "peerchart": self = .identity
    case (".well-known", 1) where rest[1] == "udap": self = .communityMetadata
    case (".well-known", 1) where rest[1] == "jwks.json": self = .cardKeys
    case (".well-known", 2) where rest[1] == "crl" && rest[2].hasSuffix(".json"):
      self = .cardList(String(rest[2].dropLast(5)))
    case ("shl", 1): self = .healthLink(rest[1], file: nil)
    case ("shl", 2): self = .healthLink(rest[1], file: rest[2])
    case (".well-known", 1):
      guard let document = ServerDocument(rawValue: rest[1]) else { throw Self.nothingThere }
      self = .server(document)
    case ("oauth", 1):
      if rest[1] == "authorize" {
        self = .portal(.authorize)
        return
      }
      guard let endpoint = ServerMetadata.Endpoint(rawValue: "/oauth/\(rest[1])") else {
        throw Self.nothingThere
      }
      self = .oauth(endpoint)
    case ("oauth", 2) where rest[1] == "register": self = .registration(rest[2])
    case ("log", 1):
      switch rest[1] {
      case "checkpoint": self = .logCheckpoint
      case "add-checkpoint": self = .addCheckpoint
      default: throw Self.nothingThere
      }
    case ("log", 2) where rest[1] == "status": self = .documentStatus(rest[2])
    case ("entities", 1):
      guard let node = NodeID(rest[1]) else { throw Self.nothingThere }
      self = .entity(node)
    case ("peer", 1):
      switch rest[1] {
      case "pair": self = .pairing
      case "messages": self = .messages
      case "break-glass": self = .breakGlass
      default: throw Self.nothingThere
      }
    default:
      guard path.utf8.first == UInt8(ascii: "/"), let page = PortalRoute(segments: segments[...])
      else { throw Self.nothingThere }
      self = .portal(page)
    }
  }

  private static func fhir(_ segments: ArraySlice<String>) throws(PeerChartError) -> Route {
    guard let type = segments.first else { return .system }
    if segments.last?.hasPrefix("$") == true {
      return .operation(try OperationCall(segments: segments))
    }
    if segments.count == 1, type == "metadata" { return .capabilities }
    if type == Self.bulkFolder { return try bulk(Array(segments.dropFirst())) }
    if segments.count == 2, type == ".well-known", segments.last == "smart-configuration" {
      return .smartConfiguration
    }
    if segments.count == 2, type == ".well-known", segments.last == "udap" {
      return .communityMetadata
    }
    if segments.count == 1, type == "_history" { return .changes(nil) }
    if segments.count == 1, type == "_search" { return .typeSearch(nil) }
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
    }
    guard segments.count > 1 else { return .type(type) }
    let id = segments[segments.startIndex + 1]
    let tail = segments.dropFirst(2)
    if id == "_search", tail.isEmpty { return .typeSearch(type) }
    if id == "_history", tail.isEmpty { return .changes(type) }
    guard let third = tail.first else { return .instance(type, id: id) }
    guard third == "_history" else { return try compartment(type, id, third, tail.dropFirst()) }
    guard tail.count > 1, let number = tail.last else { return .history(type, id: id) }
    guard tail.count == 2, let number = DecimalDigits.parse(number.utf8) else { throw nothingThere }
    return .version(type, id: id, number: number)
  }

  /// `Patient/123/Observation`, `Patient/123/*`, and `_search` behind the former.
  private static func compartment(
    _ type: String, _ id: String, _ members: String, _ rest: ArraySlice<String>
  ) throws(PeerChartError) -> Route {
    guard let compartment = Compartment(rawValue: type) else {
      throw PeerChartError(.notFound, "resources of this type are no compartments")
    }
    guard let membership = CompartmentMembership(compartment, id: id),
      members == "*" || ResourceType.isKnown(members),
      rest.isEmpty || Array(rest) == ["_search"]
    else { throw nothingThere }
    return .compartment(
      membership, type: members == "*" ? nil : members, isForm: !rest.isEmpty)
  }

  /// Where bulk jobs are found below the FHIR base.
  package static let bulkFolder = "_bulk"

  private static func bulk(_ segments: [String]) throws(PeerChartError) -> Route {
    switch segments.count {
    case 1: return .bulkJob(segments[0])
    case 2: return .bulkFile(segments[0], name: segments[1])
    default: throw nothingThere
    }
  }

  private static var nothingThere: PeerChartError {
    PeerChartError(.notFound, "there is nothing at this address")
  }
}

extension Route {
  /// Whether errors are told as an OperationOutcome.
  package static func isFHIR(path: some StringProtocol) -> Bool {
    path.hasPrefix("/fhir") && (path.utf8.count == 5 || path.hasPrefix("/fhir/"))
  }

  /// The methods that the route has, besides HEAD wherever there is GET.
  package var methods: [String] {
    switch self {
    case .ready, .live, .identity, .capabilities, .smartConfiguration, .history, .changes, .version,
      .server, .oauth(.keys), .communityMetadata, .cardKeys, .cardList, .healthLink(_, .some),
      .logCheckpoint, .logTile, .documentStatus, .entity:
      ["GET"]
    case .healthLink: ["GET", "POST", "OPTIONS"]
    case .registration: ["GET", "DELETE"]
    case .oauth(.userInfo): ["GET", "POST"]
    case .oauth: ["POST"]
    case .pairing, .messages, .breakGlass, .addCheckpoint, .typeSearch, .compartment(_, _, true):
      ["POST"]
    case .compartment: ["GET"]
    case .system: ["GET", "POST"]
    case .type: ["GET", "POST", "PUT", "PATCH", "DELETE"]
    case .instance: ["GET", "PUT", "PATCH", "DELETE"]
    case .operation(let call): call.name.methods
    case .bulkJob: ["GET", "DELETE"]
    case .bulkFile: ["GET"]
    case .api(let route): route.methods
    case .portal(let page): page.methods
    }
  }

  /// Whether the answer takes a single look at the store, so that it need not leave the connection's thread.
  func isBrief(_ method: String) -> Bool {
    switch self {
    case .ready, .live, .identity, .capabilities, .version: true
    case .instance: method == "GET"
    default: false
    }
  }

  /// The value of `Allow` (RFC 9110 section 10.2.1).
  package var allow: String {
    methods.flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] }.joined(separator: ", ")
  }

  /// What stands in the log instead of the path, which may name a patient.
  package var pattern: String {
    switch self {
    case .ready: "/health"
    case .live: "/health/live"
    case .identity: "/.well-known/peerchart"
    case .server(let document): "/.well-known/\(document.rawValue)"
    case .oauth(let endpoint): endpoint.rawValue
    case .registration: "/oauth/register/:id"
    case .communityMetadata: "/.well-known/udap"
    case .cardKeys: "/.well-known/jwks.json"
    case .cardList: "/.well-known/crl/:key"
    case .healthLink(_, nil): "/shl/:link"
    case .healthLink: "/shl/:link/:file"
    case .pairing: "/peer/pair"
    case .messages: "/peer/messages"
    case .breakGlass: "/peer/break-glass"
    case .logCheckpoint: "/log/checkpoint"
    case .logTile: "/log/tile/:tile"
    case .addCheckpoint: "/log/add-checkpoint"
    case .documentStatus: "/log/status/:key"
    case .entity: "/entities/:node"
    case .capabilities: "/fhir/metadata"
    case .smartConfiguration: "/fhir/.well-known/smart-configuration"
    case .system: "/fhir"
    case .type: "/fhir/:type"
    case .typeSearch(nil): "/fhir/_search"
    case .typeSearch: "/fhir/:type/_search"
    case .compartment(_, _, true): "/fhir/:type/:id/:type/_search"
    case .compartment: "/fhir/:type/:id/:type"
    case .instance: "/fhir/:type/:id"
    case .history: "/fhir/:type/:id/_history"
    case .operation(let call): call.pattern
    case .bulkJob: "/fhir/_bulk/:job"
    case .bulkFile: "/fhir/_bulk/:job/:file"
    case .changes(nil): "/fhir/_history"
    case .changes: "/fhir/:type/_history"
    case .version: "/fhir/:type/:id/_history/:version"
    case .api(let route): route.pattern
    case .portal(let page): page.pattern
    }
  }
}
