import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// create (R4 3.1.0.8).
  func create(_ type: String, _ incoming: Incoming) async throws -> Response {
    guard incoming.request.headers[.ifNoneExist] == nil else {
      throw PeerChartError(
        .notSupported, "conditional create is not offered", place: "If-None-Exist")
    }
    let caller = try await authenticator.caller(of: incoming)
    let body = try await resource(incoming)
    return try stored(try await exchange.create(type, body, as: caller), incoming)
  }

  /// update, and create under a client's id (R4 3.1.0.4).
  func update(_ type: String, _ id: String, _ incoming: Incoming) async throws -> Response {
    let expected = try ifMatch(incoming)
    let caller = try await authenticator.caller(of: incoming)
    let body = try await resource(incoming)
    let outcome = try await exchange.update(type, id: id, body, ifMatch: expected, as: caller)
    return try stored(outcome, incoming)
  }

  /// delete (R4 3.1.0.7): what is not there counts as deleted.
  func delete(_ type: String, _ id: String, _ incoming: Incoming) async throws -> Response {
    let expected = try ifMatch(incoming)
    let caller = try await authenticator.caller(of: incoming)
    let outcome = try await exchange.delete(type, id: id, ifMatch: expected, as: caller)
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

  private func ifMatch(_ incoming: Incoming) throws -> Int64? {
    // Ignoring it would overwrite what the caller meant to leave alone.
    guard incoming.request.headers[.ifNoneMatch] == nil else {
      throw PeerChartError(
        .notSupported, "If-None-Match is offered for reading only", place: "If-None-Match")
    }
    return try incoming.field(.ifMatch).map { field throws(PeerChartError) in
      try EntityTag.version(ifMatch: field)
    }
  }
}

extension EntryOutcome {
  /// How much the entry adds to an answer, but for its frame.
  fileprivate var resourceBytes: Int {
    switch self {
    case .stored(let stored): stored.resource.json.count
    case .read(let resource): resource.json.count
    case .searched(let page): page.resources.reduce(0) { $0 + $1.json.count }
    case .absent, .refused: 0
    }
  }
}
