import Exchange
import HTTPTypes
import Hummingbird
import Primitives

/// The FHIR API: turns requests into use cases of `Exchange`, and their outcomes into responses.
struct FHIRRoutes: Sendable {
  let exchange: Exchange
  let authenticator: Authenticator
  let capabilities: [UInt8]

  /// - Throws: whatever the use case throws, and `not-acceptable`, `unsupported-media-type`,
  ///   `malformed` for what is wrong with the request itself.
  func answer(_ incoming: Incoming) async throws -> Response {
    let query = try negotiate(incoming)
    let method = incoming.request.method
    switch incoming.route {
    case .capabilities: return Answer.json(capabilities, type: MediaTypes.fhir)
    case .system: return try await bundle(incoming)
    case .type(let type) where method == .post: return try await create(type, incoming)
    case .type(let type) where method == .put:
      return try await update(type, where: query, incoming)
    case .type(let type) where method == .delete:
      return try await delete(type, where: query, incoming)
    case .type(let type): return try await search(type, query, incoming)
    case .typeSearch(let type): return try await searchByForm(type, query, incoming)
    case .instance(let type, let id) where method == .put:
      return try await update(type, id, incoming)
    case .instance(let type, let id) where method == .delete:
      return try await delete(type, id, incoming)
    case .instance(let type, let id): return try await read(type, id, query, incoming)
    case .version(let type, let id, let number):
      return try await read(type, id, version: number, query, incoming)
    case .changes(let type): return try await changes(type, query, incoming)
    case .history(let type, let id): return try await history(type, id, query, incoming)
    default: throw PeerChartError(.notFound, "there is nothing at this address")
    }
  }

  /// Checks that JSON is taken, and leaves the parameters that say something else than the format.
  /// `_pretty` is understood and not followed: a resource is given byte for byte as it is kept.
  private func negotiate(_ incoming: Incoming) throws -> QueryString {
    let accept = incoming.request.headers[.accept]
    guard !incoming.rawQuery.isEmpty else {
      try MediaTypes.checkAccept(accept, format: nil)
      return QueryString()
    }
    let query = try incoming.query()
    try MediaTypes.checkAccept(accept, format: query.values("_format").first)
    return query.without(["_format", "_pretty"])
  }

  func preference(_ incoming: Incoming) -> Preference {
    Preference(incoming.request.headers[.prefer])
  }

  /// A body that has to be a resource.
  func resource(_ incoming: Incoming) async throws -> [UInt8] {
    try MediaTypes.checkContent(incoming.field(.contentType))
    return try await BodyReader.read(incoming, limit: exchange.limits.bodyBytes)
  }
}
