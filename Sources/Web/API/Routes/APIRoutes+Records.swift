import Consent
import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

extension APIRoutes {
  func addRecord(_ call: APICall) async throws -> Response {
    let resource = try Self.resource(call)
    let stored = try await exchange.create(
      resource.type, resource.bytes, as: try call.caller())
    let base = try call.incoming.baseURL().text
    let location = "\(base)/api/records/\(APIRecordID(stored.resource).text)"
    return try Self.record(stored.resource, status: .created, fields: [.location: location])
  }

  /// Only what is for the caller counts: what is not is on no page and in no link.
  func listRecords(_ call: APICall) async throws -> Response {
    let caller = try call.caller()
    guard let patient = call.parameter("patient_id") ?? caller.patients.first else {
      throw PeerChartError(
        .invalid, "whose records; the staff name the patient", place: "patient_id")
    }
    var request = EverythingRequest()
    request.includesShared = false
    request.recordTypes = call.recordTypes.map {
      RecordTypeSet($0.compactMap(RecordTypeWord.type))
    }
    // The cursor is good for the same question only.
    let question = ["patient_id", "record_types"].compactMap { name in
      call.parameter(name).map { (name, $0) }
    }
    let page = try await exchange.everything(
      of: patient, request, cursor: call.parameter("cursor"), count: call.pageSize ?? 50,
      query: [("api", "records")] + question, as: caller)
    return Self.json([
      ("records", .array(try page.resources.map { try Self.tree($0) })),
      ("next", try Self.next(call, page.next)),
    ])
  }

  func readRecord(_ call: APICall) async throws -> Response {
    let id = try APIRecordID(call)
    return try Self.record(
      try await exchange.read(id.type, id: id.id, as: try call.caller()))
  }

  func replaceRecord(_ call: APICall) async throws -> Response {
    let id = try APIRecordID(call)
    let condition = try call.condition()
    let resource = try Self.resource(call)
    let stored = try await exchange.replace(
      id.type, id: id.id, resource.bytes, expecting: condition, as: try call.caller())
    return try Self.record(stored.resource)
  }

  func deleteRecord(_ call: APICall) async throws -> Response {
    let id = try APIRecordID(call)
    _ = try await exchange.delete(
      id.type, id: id.id, expecting: try call.condition(), as: try call.caller())
    return Answer.empty(.noContent)
  }

  /// - Throws: `invalid` with its place for what is no resource.
  private static func resource(_ call: APICall) throws(PeerChartError) -> Resource {
    guard let value = call.value("resource") else {
      throw PeerChartError(.malformed, "this is missing", place: "$.resource")
    }
    return try Resource(value)
  }

  private static func record(
    _ released: ReleasedResource, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]
  ) throws -> Response {
    var fields = fields
    fields[.eTag] = EntityTag.text(released.version)
    return Answer.json(try tree(released).serialized(), status: status, fields: fields)
  }

  private static func tree(_ released: ReleasedResource) throws -> JSONTree {
    let kind = RecordType(of: try Resource(parsing: released.json))
    return .object([
      ("id", .string(APIRecordID(released).text)),
      ("record_type", .string(RecordTypeWord.word(kind))),
      ("version", .number(String(released.version))),
      ("last_updated", .string(released.lastUpdated.description)),
      ("resource", .raw(released.json)),
    ])
  }
}

/// How the API names a record: its type in FHIR, a hyphen, its id. No type has a hyphen.
private struct APIRecordID {
  let type: String
  let id: String

  init(_ released: ReleasedResource) {
    type = released.type
    id = released.id
  }

  /// - Throws: `not-found` for what names no record.
  init(_ call: APICall) throws(PeerChartError) {
    let parts = (call.id ?? "").split(separator: "-", maxSplits: 1)
    guard parts.count == 2, ResourceType.isKnown(String(parts[0])) else {
      throw PeerChartError(.notFound, "there is nothing of that id")
    }
    (type, id) = (String(parts[0]), String(parts[1]))
  }

  var text: String { "\(type)-\(id)" }
}
