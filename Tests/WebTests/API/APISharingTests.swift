import Consent
import Exchange
import Foundation
import Identity
import Testing

@Suite("The REST API: sharing")
struct APISharingTests {
  static let provider =
    #"{"resourceType":"Organization","id":"provider-123","name":"Exampleville Clinic","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}]}"#
  static let sharing =
    #"{"provider_id":"provider-123","record_types":["lab_results","prescriptions"],"expiry_date":"2026-12-31T23:59:59Z","purpose":"routine_checkup"}"#

  /// From the mission's source, to the byte but for the address and the token.
  static let sample = """
    {
        "provider_id": "provider-123",
        "record_types": ["lab_results", "prescriptions"],
        "expiry_date": "2024-12-31T23:59:59Z",
        "purpose": "routine_checkup"
      }
    """

  @Test("The sample request works as it is written")
  func sampleRequest() async throws {
    let node = try await APINode(.household, at: "2024-06-01T09:00:00Z")
    let person = try await APIPerson.juniper(node)
    try await node.store(Self.provider)
    let answer = try await person.send("POST", "/api/sharing/grant", Self.sample)
    #expect(answer.status == 201, "\(answer.text)")
    #expect(answer["patient_id"] == "juniper")
    #expect(answer["provider"] == "organization:http://hl7.org/fhir/sid/us-npi|1234567893")
    #expect(answer.json["record_types"] as? [String] == ["medications", "lab_results"])
    #expect(answer.json["purposes"] as? [String] == ["treatment"])
    #expect(answer["expiry_date"] == "2024-12-31T23:59:59.000Z")
    #expect(answer["status"] == "active")
    // It is the same signed consent that the pages and the command line make.
    let grants = try await node.exchange.grants(of: "juniper", as: node.owner)
    #expect(grants.map(\.id) == [answer["id"] ?? ""])
    #expect(grants.first?.actions == ["read", "search"])
  }

  @Test("Access ends when it is revoked, and when its day comes")
  func ending() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    try await node.store(Self.provider)
    func active() async throws -> Int {
      try await person.send("GET", "/api/sharing/permissions").list("permissions").count
    }
    let first = try #require(
      try await person.send("POST", "/api/sharing/grant", Self.sharing)["id"])
    let soon = Self.sharing.replacing("2026-12-31T23:59:59Z", with: "2026-03-01T09:01:00+00:00")
    #expect(try await person.send("POST", "/api/sharing/grant", soon).status == 201)
    #expect(try await active() == 2)
    node.clock.advance(seconds: 60)
    #expect(try await active() == 1)
    let revoked = try await person.send("PUT", "/api/sharing/\(first)/revoke")
    #expect(revoked.status == 200 && revoked["status"] == "revoked")
    #expect(try await active() == 0)
    // PUT is idempotent.
    #expect(try await person.send("PUT", "/api/sharing/\(first)/revoke").status == 200)
  }

  @Test("A member of the staff is read to while the grant holds, and not afterwards")
  func providerSide() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let nurse = try await APIPerson(node, "nurse", as: .staff([.nurse]))
    let record = try #require(try await person.addPulse("juniper")["id"])
    #expect(try await nurse.send("GET", "/api/records/\(record)").status == 403)
    let account = try #require(SessionText(nurse.renewal)).value.account.description
    let grant = try await person.send(
      "POST", "/api/sharing/grant",
      Self.sharing.replacing("provider-123", with: account)
        .replacing("lab_results", with: "vital_signs"))
    #expect(grant.status == 201, "\(grant.text)")
    let read = try await nurse.send("GET", "/api/records/\(record)")
    #expect(read.status == 200)
    let listed = try await nurse.send("GET", "/api/records?patient_id=juniper")
    #expect(listed.list("records").map { $0["id"] as? String } == [record], "no demographics")
    #expect(try await nurse.send("DELETE", "/api/records/\(record)").status == 403)
    _ = try await person.send("PUT", "/api/sharing/\(grant["id"] ?? "")/revoke")
    #expect(try await nurse.send("GET", "/api/records/\(record)").status == 403)
    #expect(try await nurse.send("GET", "/api/records?patient_id=juniper").status == 403)
  }

  @Test("What makes no sense is refused with its place")
  func nonsense() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    try await node.store(
      Self.provider, #"{"resourceType":"Organization","id":"nameless","name":"Nobody knows"}"#)
    for (old, new, place) in [
      ("2026-12-31T23:59:59Z", "2026-03-01T09:00:00Z", "expiry_date"),
      ("2026-12-31T23:59:59Z", "2020-01-01T00:00:00Z", "expiry_date"),
      ("2026-12-31T23:59:59Z", "2046-12-31T23:59:59Z", "expiry_date"),
      ("2026-12-31T23:59:59Z", "2026-02-30T23:59:59Z", "expiry_date"),
      ("2026-12-31T23:59:59Z", "2026-12-31T24:59:59Z", "expiry_date"),
      ("provider-123", "provider-124", "provider_id"), ("provider-123", "nameless", "provider_id"),
      ("provider-123", String(repeating: "a", count: 64), "provider_id"),
      ("provider-123", String(repeating: "b", count: 32), "provider_id"),
    ] {
      let answer = try await person.send(
        "POST", "/api/sharing/grant", Self.sharing.replacing(old, with: new))
      #expect(answer.status == 422 && answer["place"] == place, "\(new): \(answer.text)")
    }
    let listed = try await person.send("GET", "/api/sharing/permissions")
    #expect(listed.list("permissions").isEmpty)
  }

  @Test("Staff and administrators share nobody's records")
  func notTheirs() async throws {
    let node = try await APINode(.organization)
    try await node.store(Self.provider)
    for role in [Role.clinician, .administrator, .frontDesk, .privacyOfficer] {
      let person = try await APIPerson(node, role.rawValue, as: .staff([role]))
      #expect(try await person.send("POST", "/api/sharing/grant", Self.sharing).status == 403)
      #expect(try await person.send("GET", "/api/sharing/permissions").status == 403)
      #expect(try await person.send("PUT", "/api/sharing/x/revoke").status == 403)
      #expect(try await person.send("GET", "/api/patients/profile").status == 403)
    }
  }

  @Test("A long list comes in pages, each permission once")
  func paging() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    try await node.store(Self.provider)
    var made: Set<String> = []
    for _ in 0..<7 {
      node.clock.advance(seconds: 1)
      made.insert(
        try #require(try await person.send("POST", "/api/sharing/grant", Self.sharing)["id"]))
    }
    var seen: [String] = []
    var next: String? = "/api/sharing/permissions?page_size=3"
    while let path = next {
      let page = try await person.send("GET", path)
      #expect(page.status == 200)
      let ids = page.list("permissions").compactMap { $0["id"] as? String }
      #expect(ids.count <= 3)
      seen += ids
      next = page["next"]
    }
    #expect(seen.count == 7 && Set(seen) == made)
    let rowan = try await APIPerson.rowan(node)
    let first = try await person.send("GET", "/api/sharing/permissions?page_size=3")
    let stolen = try await rowan.send("GET", try #require(first["next"]))
    #expect(stolen.status == 422, "a link is good for one person")
  }
}
