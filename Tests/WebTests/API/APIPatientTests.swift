import Consent
import Exchange
import Foundation
import Identity
import Testing

@Suite("The REST API: patients")
struct APIPatientTests {
  private static let profile =
    #"{"name":{"family":"Samplewood","given":["Wren"]},"birth_date":"2019-04-12","gender":"female","phone":"+1 555 0100","email":"wren@mail.example","address":{"lines":["1 Orchard Lane"],"city":"Exampleville","state":"VT","postal_code":"05001","country":"US"},"language":"en"}"#

  @Test("A profile is read, and changed without a byte of the rest of the record")
  func profile() async throws {
    let node = try await APINode()
    let rest =
      #","extension":[{"url":"http://x.example/weight","valueDecimal":1.10}],"telecom":[{"system":"fax","value":"0"},{"system":"phone","value":"1","rank":2}],"maritalStatus":{"text":"?"}"#
    let person = try await APIPerson.juniper(node, rest)
    let before = try await person.send("GET", "/api/patients/profile")
    #expect(before.status == 200 && before["patient_id"] == "juniper" && before["phone"] == "1")
    let etag = try #require(before.field("ETag"))
    let answer = try await person.send(
      "PUT", "/api/patients/profile", Self.profile, fields: ["If-Match": etag])
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer["birth_date"] == "2019-04-12" && answer["email"] == "wren@mail.example")
    #expect((answer.json["name"] as? [String: Any])?["given"] as? [String] == ["Wren"])
    #expect((answer.json["address"] as? [String: Any])?["city"] as? String == "Exampleville")
    let late = try await person.send(
      "PUT", "/api/patients/profile", Self.profile, fields: ["If-Match": etag])
    #expect(late.status == 412)
    let record = try await person.send("GET", "/api/records/Patient-juniper").text
    for part in [
      #""valueDecimal":1.10"#, #"{"system":"fax","value":"0"}"#, #""maritalStatus":{"text":"?"}"#,
      #"{"system":"phone","value":"+1 555 0100","rank":2}"#, #""use":"official","#,
    ] {
      #expect(record.contains(part), "\(part)")
    }
    // What is left out is taken away, and what is the same is no new version.
    let short = #"{"name":{"family":"S","given":["W"]},"birth_date":"2019-04-12","gender":"other"}"#
    let shorter = try await person.send("PUT", "/api/patients/profile", short)
    #expect(shorter.status == 200 && shorter["phone"] == nil && shorter.json["address"] == nil)
    let again = try await person.send("PUT", "/api/patients/profile", short)
    #expect(again.json["version"] as? Int == shorter.json["version"] as? Int)
  }

  @Test("Nobody is born tomorrow, and no member is of another form")
  func badProfiles() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    for (old, new, status) in [
      ("2019-04-12", "2026-03-02", 422), ("2019-04-12", "2019-02-29", 400),
      ("2019-04-12", "2019", 400),
      ("female", "F", 400), ("\"US\"", "\"us\"", 400), ("+1 555 0100", "call me", 400),
      ("wren@mail.example", "wren", 400), ("Samplewood", " Samplewood", 400),
      ("Samplewood", "Sample\\u0000wood", 400), ("[\"Wren\"]", "[]", 400),
      ("\"language\":\"en\"", "\"language\":\"english\"", 400),
    ] {
      let answer = try await person.send(
        "PUT", "/api/patients/profile", Self.profile.replacing(old, with: new))
      #expect(answer.status == status, "\(new): \(answer.text)")
    }
  }

  @Test("The desk registers a patient, whose code opens an account at the new chart")
  func desk() async throws {
    let node = try await APINode(.organization)
    let desk = try await APIPerson(node, "desk", as: .staff([.frontDesk]))
    let made = try await desk.send("POST", "/api/patients/register", Self.profile)
    #expect(made.status == 201, "\(made.text)")
    let id = try #require(made["patient_id"])
    let patient = try await APIPerson(node, "wren", code: try #require(made["invitation_code"]))
    let own = try await patient.send("GET", "/api/patients/profile")
    #expect(own.status == 200 && own["patient_id"] == id && own["birth_date"] == "2019-04-12")
    // A code is good once.
    await #expect(throws: (any Error).self) {
      _ = try await APIPerson(node, "other", code: made["invitation_code"] ?? "")
    }
    #expect(try await node.exchange.verifyAudit { _ in }.findings.isEmpty)
  }

  @Test(
    "In a household a member of the family registers a child, and acts for it until it is of age")
  func family() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let made = try await person.send("POST", "/api/patients/register", Self.profile)
    #expect(made.status == 201 && made["relationship"] == "parent", "\(made.text)")
    #expect(made["until"] == "2037-04-12T00:00:00.000Z")
    #expect(made["invitation_code"] == nil)
    let id = try #require(made["patient_id"])
    #expect(try await person.send("GET", "/api/records/Patient-\(id)").status == 403)
    #expect(try await person.refresh(actingAs: "proxy/\(id)").status == 200)
    #expect(try await person.send("GET", "/api/patients/profile")["patient_id"] == id)
    #expect(try await person.addPulse(id).status == 201)
    let grown = Self.profile.replacing("2019-04-12", with: "1999-04-12")
    let adult = try await person.send("POST", "/api/patients/register", grown)
    #expect(adult["relationship"] == "caregiver")
    // A family is not endless: somebody who goes on must not lose the own chart among the others.
    var statuses: [Int] = []
    for _ in 0..<24 {
      statuses.append(try await person.send("POST", "/api/patients/register", Self.profile).status)
    }
    #expect(Set(statuses) == [201, 409] && statuses.last == 409)
    #expect(try await person.refresh(actingAs: "patient/juniper").status == 200)
    #expect(try await node.exchange.verifyAudit { _ in }.findings.isEmpty)
  }

  @Test("Nobody else registers patients")
  func notRegistrars() async throws {
    let node = try await APINode(.organization)
    let patient = try await APIPerson.juniper(node)
    #expect(try await patient.send("POST", "/api/patients/register", Self.profile).status == 403)
    for role in [Role.clinician, .administrator, .biller, .auditor] {
      let person = try await APIPerson(node, role.rawValue, as: .staff([role]))
      let answer = try await person.send("POST", "/api/patients/register", Self.profile)
      #expect(answer.status == 403, "\(role)")
    }
  }
}
