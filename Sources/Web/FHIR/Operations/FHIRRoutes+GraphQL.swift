import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `$graphql` of the node or of a record (R4 graphql.html): by GET with `query`, by POST as JSON or as
  /// the bare document. What is wrong with the query is told as GraphQL tells errors.
  func graphQL(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    let answer: GraphQLAnswer
    do {
      let request = try await graphQLRequest(query, incoming)
      let focus = call.type.flatMap { type in call.id.map { (type: type, id: $0) } }
      answer = try await exchange.graphQL(request, about: focus, as: caller)
    } catch let fault as GraphQLFault {
      answer = GraphQLAnswer(refusing: fault)
    }
    // An answer with data is 200 whatever is missing from it; one without is the error's.
    var status = 200
    if !answer.hasData, let code = answer.faults.first?.error.code {
      status = ErrorStatus.status(of: code) ?? 500
    }
    return Answer.json(answer.bytes, status: HTTPResponse.Status(code: status))
  }

  private func graphQLRequest(
    _ query: QueryString, _ incoming: Incoming
  ) async throws -> GraphQLRequest {
    guard incoming.request.method == .post else { return try Self.graphQLRequest(query) }
    let limit = GraphQLLimits().documentBytes * 2
    switch try MediaTypes.name(incoming.field(.contentType)) {
    case MediaTypes.json:
      guard query.pairs.isEmpty else {
        throw PeerChartError(.invalid, "by POST all that is asked stands in the body")
      }
      return try GraphQLRequest(json: try await BodyReader.read(incoming, limit: limit))
    case MediaTypes.graphQL:
      let body = try await BodyReader.read(incoming, limit: limit)
      guard let text = String(validating: body, as: UTF8.self) else {
        throw PeerChartError(.malformed, "the query is no UTF-8 text", place: "body")
      }
      return try Self.graphQLRequest(query.adding("query", text))
    default:
      throw PeerChartError(
        .unsupportedMediaType,
        "a GraphQL request is sent as \(MediaTypes.json) or \(MediaTypes.graphQL)")
    }
  }

  /// - Throws: `invalid` unless there is one query, and variables that are JSON.
  private static func graphQLRequest(_ query: QueryString) throws -> GraphQLRequest {
    let input = OperationParameters(pairs: query.pairs)
    try input.require(only: ["query", "variables", "operationName"])
    guard let text = try input.value("query") else {
      throw PeerChartError(.invalid, "there is no query", place: "query")
    }
    let variables = try input.value("variables").map {
      try JSONDocument(
        parsing: Array($0.utf8), limits: JSONLimits(maximumBytes: 64 << 10, maximumDepth: 32)
      ).root
    }
    return try GraphQLRequest(
      query: text, variables: variables, operationName: input.value("operationName"))
  }
}
