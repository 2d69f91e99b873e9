import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Identity
import Primitives

/// The REST API for programs (docs/design/api.md): decodes what the table describes, asks a use case of
/// `Exchange`, encodes what comes back.
struct APIRoutes: Sendable {
  let exchange: Exchange
  private let pages: APIPages
  private let document: [UInt8]

  /// - Throws: `invalid` for a template or a table of words that cannot be read.
  init(exchange: Exchange, version: String) throws(PeerChartError) {
    self.exchange = exchange
    pages = try APIPages()
    document = OpenAPIDocument.bytes(version: version, strings: pages.english)
  }

  /// - Throws: whatever goes wrong, which becomes a problem document.
  func answer(_ incoming: Incoming, _ route: APIRoute) async throws -> Response {
    switch route {
    case .page:
      try Self.checkAccept(incoming, "text/html")
      return try pages.answer(incoming)
    case .document:
      try Self.checkAccept(incoming, MediaTypes.json)
      return Answer.json(document)
    case .resource(let path, let id):
      let method = incoming.request.method == .head ? "GET" : incoming.request.method.rawValue
      guard let operation = APIOperation.at(path, method) else {
        throw PeerChartError(.methodNotAllowed, "the methods here are \(incoming.route.allow)")
      }
      let visitor = operation.description.isOpen ? nil : try await visitor(incoming)
      if operation.description.answer != nil {
        try Self.checkAccept(incoming, MediaTypes.json)
      }
      guard operation != .verify else {
        // Its bodies are large, and from anybody: a place is taken before one is read.
        return try await exchange.withVerificationPlace(for: incoming.connection.remoteAddress) {
          try await answer(operation, id, incoming, visitor)
        }
      }
      return try await answer(operation, id, incoming, visitor)
    }
  }

  private func answer(
    _ operation: APIOperation, _ id: String?, _ incoming: Incoming, _ visitor: ProgramVisitor?
  ) async throws -> Response {
    try await answer(
      APICall(
        operation, id: id, incoming, visitor: visitor, longestResource: exchange.limits.bodyBytes))
  }

  private func answer(_ call: APICall) async throws -> Response {
    switch call.operation {
    case .register: try await register(call)
    case .beginSecondFactor: try await beginSecondFactor(call)
    case .setUpSecondFactor: try await setUpSecondFactor(call)
    case .signIn: try await signIn(call)
    case .signInWithCode: try await signInWithCode(call)
    case .refresh: try await refresh(call)
    case .signOut: try await signOut(call)
    case .registerPatient: try await registerPatient(call)
    case .readProfile: try await readProfile(call)
    case .replaceProfile: try await replaceProfile(call)
    case .addRecord: try await addRecord(call)
    case .listRecords: try await listRecords(call)
    case .readRecord: try await readRecord(call)
    case .replaceRecord: try await replaceRecord(call)
    case .deleteRecord: try await deleteRecord(call)
    case .grantAccess: try await grantAccess(call)
    case .revokeAccess: try await revokeAccess(call)
    case .listPermissions: try await listPermissions(call)
    case .verify: try await verify(call)
    }
  }

  /// - Throws: `unauthenticated` for anything but a token of this API that is good now.
  private func visitor(_ incoming: Incoming) async throws -> ProgramVisitor {
    do {
      return try await recognized(incoming)
    } catch let error as PeerChartError where error.code == .unauthenticated {
      // Whoever tries keys is a stranger, and has as many requests as a stranger.
      try exchange.countStranger(at: incoming.connection.remoteAddress)
      throw error
    }
  }

  private func recognized(_ incoming: Incoming) async throws -> ProgramVisitor {
    guard let header = try incoming.field(.authorization), header.lowercased().hasPrefix("bearer "),
      let bearer = BearerCredentials(header: header)
    else { throw APICall.signInFirst }
    return try await exchange.authenticate(
      programToken: bearer.token, at: OAuthRoutes.server(incoming),
      networkAddress: incoming.connection.remoteAddress, requestID: incoming.requestID)
  }

  /// - Throws: `not-acceptable` where the caller takes something else only.
  private static func checkAccept(_ incoming: Incoming, _ type: String) throws(PeerChartError) {
    guard let accept = incoming.request.headers[.accept] else { return }
    let family = type.prefix { $0 != "/" } + "/*"
    let isTaken = accept.lowercased().split(separator: ",").contains { range in
      let parts = range.split(separator: ";").map { $0.trimmingSpaces() }
      guard let name = parts.first, name == type || name == family || name == "*/*" else {
        return false
      }
      return !parts.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
    }
    guard isTaken else {
      throw PeerChartError(.notAcceptable, "what is given here is \(type)")
    }
  }

  /// An answer with the members of an object, those left out that have no value.
  static func json(
    _ members: [(String, JSONTree?)], status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]
  ) -> Response {
    Answer.json(object(members).serialized(), status: status, fields: fields)
  }

  static func object(_ members: [(String, JSONTree?)]) -> JSONTree {
    .object(members.compactMap { name, value in value.map { (name, $0) } })
  }

  /// The link to the next page of a list.
  static func next(_ call: APICall, _ cursor: String?) throws(PeerChartError) -> JSONTree? {
    guard let cursor else { return nil }
    let query = try call.incoming.query().without(["cursor"]).adding("cursor", cursor)
    let base = try call.incoming.baseURL().text
    return .string("\(base)\(call.operation.description.path)?\(query.encoded)")
  }
}

extension JSONTree {
  /// A text that may be missing.
  static func maybe(_ text: String?) -> JSONTree? { text.map { .string($0) } }

  static func texts(_ texts: [String]) -> JSONTree { .array(texts.map { .string($0) }) }
}
