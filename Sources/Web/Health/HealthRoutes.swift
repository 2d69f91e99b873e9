import ClinicalFormats
import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

/// What readers of health cards and links ask for, wherever they are: keys, lists of revoked cards, the files
/// of links. Pages of other sites may ask too (both standards want CORS): there is nothing here that a
/// browser's cookies open.
struct HealthRoutes: Sendable {
  let exchange: Exchange

  /// - Throws: whatever the use case throws.
  func answer(_ incoming: Incoming) async throws -> Response {
    switch incoming.route {
    case .cardKeys: return Answer.json(try await exchange.cardKeySet(), fields: Self.open)
    case .cardList(let key):
      return Answer.json(try await exchange.cardRevocationList(of: key), fields: Self.open)
    case .healthLink(let token, let file):
      return try await link(token, file, incoming)
    default: throw PeerChartError(.notFound, "there is nothing at this address")
    }
  }

  private func link(
    _ token: String, _ file: String?, _ incoming: Incoming
  ) async throws -> Response {
    func visitor(_ recipient: String) -> LinkVisitor {
      LinkVisitor(
        recipient: recipient, networkAddress: incoming.connection.remoteAddress,
        requestID: incoming.requestID)
    }
    if let file {
      return Self.present(
        try await exchange.linkFile(token, location: file, for: visitor("")))
    }
    switch incoming.request.method {
    case .options: return Answer.empty(.noContent, fields: Self.preflight)
    case .post:
      let body = try await BodyReader.read(incoming, limit: HealthLinkRequest.maximumBytes)
      let request = try HealthLinkRequest(parsing: body)
      return Self.present(
        try await exchange.linkManifest(
          token, request, base: incoming.baseURL().text, for: visitor(request.recipient)))
    default:
      let named = try incoming.query().values("recipient").first ?? ""
      // The name is for the log, and is checked like one that came in a body.
      let recipient = try HealthLinkRequest(recipient: named).recipient
      return Self.present(try await exchange.linkFile(token, for: visitor(recipient)))
    }
  }

  private static func present(_ answer: HealthLinkAnswer) -> Response {
    switch answer {
    case .manifest(let bytes): return Answer.json(bytes, fields: open)
    case .file(let bytes): return Answer.json(bytes, type: "application/jose", fields: open)
    case .wrongPasscode(let remaining):
      return Answer.json(
        Array(#"{"remainingAttempts":\#(remaining)}"#.utf8), status: .unauthorized, fields: open)
    }
  }

  /// Pages of every site may read these answers.
  static let open: HTTPFields = [.accessControlAllowOrigin: "*"]

  private static let preflight: HTTPFields = [
    .accessControlAllowOrigin: "*", .accessControlAllowMethods: "GET, POST, OPTIONS",
    .accessControlAllowHeaders: "Content-Type", .accessControlMaxAge: "600",
  ]
}
