import Consent
import Exchange
import FHIR
import Hummingbird
import Primitives

extension APIRoutes {
  func grantAccess(_ call: APICall) async throws -> Response {
    guard let until = Instant(call.word("expiry_date")) else {
      throw PeerChartError(.invalid, "there is no such time", place: "expiry_date")
    }
    guard let purpose = PurposeWord.purpose(call.word("purpose")) else {
      throw PeerChartError(.invalid, "nobody is given access for that", place: "purpose")
    }
    let words = call.value("record_types")?.elements.compactMap(\.string) ?? []
    let grant = try await exchange.share(
      SharingDraft(
        provider: call.word("provider_id"),
        types: RecordTypeSet(words.compactMap(RecordTypeWord.type)), purpose: purpose,
        until: until), as: try call.caller())
    return Answer.json(Self.permission(grant).serialized(), status: .created)
  }

  func revokeAccess(_ call: APICall) async throws -> Response {
    let id = call.id ?? ""
    do {
      try await exchange.revoke(id, as: try call.caller())
    } catch let error as PeerChartError where error.code == .conflict {
      // Who asks twice gets what both ask for (RFC 9110 section 9.2.2).
    }
    return Self.json([("id", .string(id)), ("status", "revoked")])
  }

  func listPermissions(_ call: APICall) async throws -> Response {
    let page = try await exchange.activePermissions(
      cursor: call.parameter("cursor"), count: call.pageSize, as: try call.caller())
    return Self.json([
      ("permissions", .array(page.grants.map(Self.permission))),
      ("next", try Self.next(call, page.next)),
    ])
  }

  private static func permission(_ grant: GrantSummary) -> JSONTree {
    object([
      ("id", .string(grant.id)), ("patient_id", .string(grant.patient)),
      ("provider", .string(grant.grantee)),
      (
        "record_types",
        .texts(grant.recordTypes.compactMap(RecordType.init(rawValue:)).map(RecordTypeWord.word))
      ),
      (
        "purposes",
        .texts(grant.purposes.compactMap(PurposeOfUse.init(rawValue:)).map(PurposeWord.word))
      ), ("granted_at", .maybe(grant.from)), ("expiry_date", .maybe(grant.until)),
      ("status", .string(grant.status)),
    ])
  }
}
