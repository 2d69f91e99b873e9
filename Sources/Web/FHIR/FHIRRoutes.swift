import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Identity
import Primitives

/// The FHIR API: turns requests into use cases of `Exchange`, and their outcomes into responses.
struct FHIRRoutes: Sendable {
  let exchange: Exchange
  let authenticator: Authenticator
  let capabilities: CapabilityDocuments

  /// - Throws: whatever the use case throws, and `not-acceptable`, `unsupported-media-type`,
  ///   `malformed` for what is wrong with the request itself.
  func answer(_ incoming: Incoming) async throws -> Response {
    let query = try incoming.rawQuery.isEmpty ? QueryString() : Self.content(incoming.query())
    let method = incoming.request.method
    switch incoming.route {
    case .capabilities:
      return Answer.json(
        capabilities.bytes(at: try OAuthRoutes.server(incoming)), type: MediaTypes.fhir)
    case .smartConfiguration:
      return Answer.json(try OAuthRoutes.server(incoming).smartConfiguration)
    case .system where method == .post: return try await bundle(incoming)
    case .system: return try await search(SearchPlace(type: nil), query, incoming)
    case .type(let type) where method == .post: return try await create(type, incoming)
    case .type(let type) where method == .put:
      return try await update(type, where: query, incoming)
    case .type(let type) where method == .patch:
      return try await patch(type, where: query, incoming)
    case .instance(let type, let id) where method == .patch:
      return try await patch(type, id, incoming)
    case .bulkJob(let id): return try await bulkJob(id, incoming)
    case .bulkFile(let id, let name): return try await bulkFile(id, name, incoming)
    case .operation(let call): return try await operation(call, query, incoming)
    case .type(let type) where method == .delete:
      return try await delete(type, where: query, incoming)
    case .type(let type): return try await search(SearchPlace(type: type), query, incoming)
    case .typeSearch(let type):
      return try await searchByForm(SearchPlace(type: type), query, incoming)
    case .compartment(let membership, let type, let isForm):
      let place = SearchPlace(type: type, compartment: membership)
      return isForm
        ? try await searchByForm(place, query, incoming)
        : try await search(place, query, incoming)
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

  /// The parameters that say something else than how the answer is to look.
  static func content(_ query: QueryString) -> QueryString {
    query.without(["_format", "_pretty"])
  }

  /// How the answer is to look.
  ///
  /// - Throws: `not-acceptable`.
  static func presentation(_ incoming: Incoming) throws -> Presentation {
    if EventStream.isWanted(incoming) { return Presentation() }
    let query = try incoming.rawQuery.isEmpty ? QueryString() : incoming.query()
    return Presentation(
      format: try MediaTypes.wanted(
        accept: incoming.request.headers[.accept], format: query.values("_format").first),
      isPretty: query.values("_pretty").first == "true")
  }

  func preference(_ incoming: Incoming) -> Preference {
    Preference(incoming.request.headers[.prefer])
  }

  /// A body that has to be a resource, as JSON.
  func resource(_ incoming: Incoming) async throws -> [UInt8] {
    let format = try MediaTypes.content(incoming.field(.contentType))
    let body = try await BodyReader.read(incoming, limit: exchange.limits.requestBytes)
    guard format == .xml else { return body }
    return try FHIRXML.json(from: body)
  }
}
