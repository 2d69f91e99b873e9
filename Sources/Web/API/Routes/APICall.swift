import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Identity
import Primitives

/// A request for one operation: who asks, and what, as the table says that it looks.
struct APICall: Sendable {
  let operation: APIOperation
  let incoming: Incoming
  let id: String?
  /// Nil for operations that are open to anybody.
  let visitor: ProgramVisitor?
  private let query: [String: String]
  private let body: JSONValue?

  /// - Throws: `malformed` for what the table does not know; `not-found` for an id that cannot be one;
  ///   `unsupported-media-type`, `too-large`.
  init(
    _ operation: APIOperation, id: String?, _ incoming: Incoming, visitor: ProgramVisitor?,
    longestResource: Int
  ) async throws {
    self.operation = operation
    self.incoming = incoming
    self.visitor = visitor
    let row = operation.description
    if let id, let rule = row.idRule, !rule.allows(id) {
      throw PeerChartError(.notFound, "there is nothing of that id")
    }
    self.id = id
    query = try Self.query(incoming, row)
    guard let shape = row.body else {
      body = nil
      return
    }
    try Self.checkType(incoming)
    let bytes = try await BodyReader.read(incoming, limit: row.longestBody ?? longestResource)
    // A resource is as deep as it is; everything else is flat.
    let limits = JSONLimits(
      maximumBytes: bytes.count, maximumDepth: row.longestBody == nil ? 130 : 8)
    let document = try JSONDocument(parsing: bytes, limits: limits)
    try shape.schema.check(document.root)
    body = document.root
  }

  // MARK: What the body says

  func text(_ name: String) -> String? { body?[name]?.string }

  /// A text that has to be there, as the table says.
  func word(_ name: String) -> String { text(name) ?? "" }

  func secret(_ name: String) -> Redacted<String> { Redacted(word(name)) }

  func value(_ name: String) -> JSONValue? { body?[name] }

  var root: JSONValue? { body }

  // MARK: What the query and the fields say

  func parameter(_ name: String) -> String? { query[name] }

  var pageSize: Int? { query["page_size"].flatMap { Int($0) } }

  var recordTypes: [String]? {
    query["record_types"]?.split(separator: ",").map(String.init)
  }

  /// The version that `If-Match` names.
  func condition() throws(PeerChartError) -> VersionCondition {
    guard let field = try incoming.field(.ifMatch) else { return .any }
    return .version(try EntityTag.version(ifMatch: field))
  }

  /// - Throws: `unauthenticated`; the router has seen to it already.
  func caller() throws(PeerChartError) -> Caller {
    guard let visitor else { throw Self.signInFirst }
    return visitor.caller
  }

  static var signInFirst: PeerChartError {
    PeerChartError(.unauthenticated, "this needs a bearer token; /api says how to get one")
  }

  var origin: SignInOrigin {
    SignInOrigin(
      networkAddress: incoming.connection.remoteAddress,
      device: incoming.request.headers[.userAgent],
      deviceTicket: text("device").map { Redacted($0) },
      requestID: incoming.requestID)
  }

  // MARK: Reading the request

  private static func query(
    _ incoming: Incoming, _ row: APIDescription
  ) throws(PeerChartError) -> [String: String] {
    var known: [String: String] = [:]
    for (name, value) in try incoming.query().pairs {
      guard
        let parameter = row.parameters.first(where: { $0.place == .query && $0.name == name })
      else {
        throw PeerChartError(
          .malformed, "there is a parameter that is not known here", place: "query")
      }
      guard known.updateValue(value, forKey: name) == nil, parameter.allows(value) else {
        throw PeerChartError(
          .malformed, "this parameter is not of the form that is asked for", place: name)
      }
    }
    for parameter in row.parameters where parameter.place == .header {
      guard let name = HTTPField.Name(parameter.name), let value = try incoming.field(name) else {
        continue
      }
      guard parameter.allows(value) else {
        throw PeerChartError(
          .malformed, "this field is not of the form that is asked for", place: parameter.name)
      }
    }
    return known
  }

  private static func checkType(_ incoming: Incoming) throws(PeerChartError) {
    let field = try incoming.field(.contentType)?.lowercased() ?? ""
    let parts = field.split(separator: ";", omittingEmptySubsequences: false)
      .map { $0.trimmingSpaces() }
    let isUTF8 = parts.dropFirst().allSatisfy {
      $0 == "charset=utf-8" || $0 == "charset=\"utf-8\""
    }
    guard parts.first == "application/json", isUTF8 else {
      throw PeerChartError(
        .unsupportedMediaType, "what is sent here is application/json in UTF-8")
    }
  }
}

extension APIDescription.Parameter {
  /// Whether a text from the query or a field is what the table says.
  fileprivate func allows(_ text: String) -> Bool {
    switch schema {
    case .text(let rule): return rule.allows(text)
    case .word(let words): return words.contains(text)
    case .integer(let range):
      guard let number = DecimalDigits.parse(text.utf8), let number = Int(exactly: number) else {
        return false
      }
      return range.contains(number)
    case .list(.word(let words), let counts, let isSet):
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return counts.contains(parts.count) && parts.allSatisfy(words.contains)
        && (!isSet || Set(parts).count == parts.count)
    default: return false
    }
  }
}
