import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// create and conditional create (R4 3.1.0.8).
  func create(_ type: String, _ incoming: Incoming) async throws -> Response {
    let condition = try incoming.field(.ifNoneExist).map { field in
      // Clients send the search with or without its question mark.
      String(field.hasPrefix("?") ? field.dropFirst() : field[...])
    }
    let caller = try await authenticator.caller(of: incoming)
    let body = try await resource(incoming)
    return try stored(
      try await exchange.create(type, body, ifNoneExist: condition, as: caller), incoming)
  }

  /// update, and create under a client's id (R4 3.1.0.4).
  func update(_ type: String, _ id: String, _ incoming: Incoming) async throws -> Response {
    let expected = try condition(incoming)
    let caller = try await authenticator.caller(of: incoming)
    let body = try await resource(incoming)
    let outcome = try await exchange.update(type, id: id, body, expecting: expected, as: caller)
    return try stored(outcome, incoming)
  }

  /// conditional update (R4 3.1.0.4.3).
  func update(_ type: String, where query: QueryString, _ incoming: Incoming) async throws
    -> Response
  {
    let expected = try condition(incoming)
    let caller = try await authenticator.caller(of: incoming)
    let body = try await resource(incoming)
    let outcome = try await exchange.update(
      type, where: query.encoded, body, expecting: expected, as: caller)
    return try stored(outcome, incoming)
  }

  /// patch (R4 3.1.0.5).
  func patch(_ type: String, _ id: String, _ incoming: Incoming) async throws -> Response {
    let expected = try condition(incoming)
    let caller = try await authenticator.caller(of: incoming)
    let patch = try await patch(in: incoming)
    return try stored(
      try await exchange.patch(type, id: id, patch, expecting: expected, as: caller), incoming)
  }

  /// conditional patch (R4 3.1.0.5.1).
  func patch(_ type: String, where query: QueryString, _ incoming: Incoming) async throws
    -> Response
  {
    let expected = try condition(incoming)
    let caller = try await authenticator.caller(of: incoming)
    let patch = try await patch(in: incoming)
    return try stored(
      try await exchange.patch(
        type, where: query.encoded, patch, expecting: expected, as: caller), incoming)
  }

  private func patch(in incoming: Incoming) async throws -> ResourcePatch {
    guard MediaTypes.isJSONPatch(try incoming.field(.contentType)) else {
      return try ResourcePatch(parsing: try await resource(incoming), isJSONPatch: false)
    }
    let body = try await BodyReader.read(incoming, limit: exchange.limits.requestBytes)
    return try ResourcePatch(parsing: body, isJSONPatch: true)
  }

  /// delete (R4 3.1.0.7): what is not there counts as deleted.
  func delete(_ type: String, _ id: String, _ incoming: Incoming) async throws -> Response {
    let expected = try condition(incoming)
    let caller = try await authenticator.caller(of: incoming)
    return deleted(
      try await exchange.delete(type, id: id, expecting: expected, as: caller), incoming)
  }

  /// conditional delete of one record (R4 3.1.0.7.1).
  func delete(_ type: String, where query: QueryString, _ incoming: Incoming) async throws
    -> Response
  {
    let caller = try await authenticator.caller(of: incoming)
    return deleted(
      try await exchange.delete(type, where: query.encoded, as: caller), incoming)
  }

  private func deleted(_ outcome: StoredResource?, _ incoming: Incoming) -> Response {
    var fields: HTTPFields = [:]
    if let version = outcome?.resource.version { fields[.eTag] = EntityTag.text(version) }
    guard preference(incoming).returns == .operationOutcome else {
      return Answer.empty(.noContent, fields: fields)
    }
    return Answer.json(OperationOutcome.bytes(for: []), type: MediaTypes.fhir, fields: fields)
  }

  /// transaction and batch (R4 3.1.0.11).
  func bundle(_ incoming: Incoming) async throws -> Response {
    let base = try incoming.baseURL()
    let caller = try await authenticator.caller(of: incoming)
    let body = try await resource(incoming)
    let (type, outcomes) = try await exchange.process(bundle: body, as: caller)
    let withResources = preference(incoming).returns == .representation
    let requestID = incoming.requestID
    return Answer.bundle(
      BundleWriter(type == .transaction ? .transactionResponse : .batchResponse), outcomes,
      size: \.resourceBytes
    ) {
      $0.entry(outcome: $1, base: base, withResources: withResources, requestID: requestID)
    }
  }

  private func stored(_ outcome: StoredResource, _ incoming: Incoming) throws -> Response {
    let resource = outcome.resource
    let isNew = outcome.effect == .created
    var fields = Self.freshness(resource)
    let base = try incoming.baseURL().fhir
    fields[.location] = "\(base)/\(resource.type)/\(resource.id)/_history/\(resource.version)"
    let status: HTTPResponse.Status = isNew ? .created : .ok
    switch preference(incoming).returns {
    case .minimal: return Answer.empty(status, fields: fields)
    case .operationOutcome:
      return Answer.json(
        OperationOutcome.bytes(for: []), type: MediaTypes.fhir, status: status, fields: fields)
    case .representation, nil:
      return Answer.json(resource.json, type: MediaTypes.fhir, status: status, fields: fields)
    }
  }

  private func condition(_ incoming: Incoming) throws -> VersionCondition {
    if let field = try incoming.field(.ifNoneMatch) {
      // Ignoring another one would overwrite what the caller meant to leave alone.
      guard field.trimmingSpaces() == "*" else {
        throw PeerChartError(
          .invalid, "for a write, If-None-Match is *", place: "If-None-Match")
      }
      return .absent
    }
    guard let field = try incoming.field(.ifMatch) else { return .any }
    return .version(try EntityTag.version(ifMatch: field))
  }
}

extension EntryOutcome {
  /// How much the entry adds to an answer, but for its frame.
  fileprivate var resourceBytes: Int {
    switch self {
    case .stored(let stored): stored.resource.json.count
    case .read(let resource): resource.json.count
    case .searched(let page), .listed(let page): page.resources.reduce(0) { $0 + $1.json.count }
    case .absent, .refused: 0
    }
  }
}
