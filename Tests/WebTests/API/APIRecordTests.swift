import Consent
import Exchange
import Foundation
import Identity
import Testing

@Suite("The REST API: records")
struct APIRecordTests {
  @Test("A record is added, read, replaced and deleted, and keeps every digit")
  func life() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let made = try await person.addPulse("juniper", "62.10")
    #expect(made.status == 201)
    #expect(made["record_type"] == "vital_signs")
    #expect(made.text.contains(#""value":62.10"#))
    #expect(made.field("ETag") == "W/\"1\"")
    let id = try #require(made["id"])
    let place = try #require(made.field("Location"))
    #expect(place.hasSuffix("/api/records/\(id)"))
    #expect(try await person.send("GET", place).text == made.text)
    let plain = String(id.drop { $0 != "-" }.dropFirst())
    func body(_ value: String) -> String {
      #"{"resource":\#(APIPerson.pulse("juniper", value, id: plain))}"#
    }
    let replaced = try await person.send(
      "PUT", "/api/records/\(id)", body("63"), fields: ["If-Match": "W/\"1\""])
    #expect(replaced.status == 200 && replaced.json["version"] as? Int == 2)
    let late = try await person.send(
      "PUT", "/api/records/\(id)", body("64"), fields: ["If-Match": "W/\"1\""])
    #expect(late.status == 412)
    let early = try await person.send(
      "DELETE", "/api/records/\(id)", fields: ["If-Match": "W/\"1\""])
    #expect(early.status == 412)
    #expect(try await person.send("DELETE", "/api/records/\(id)").status == 204)
    #expect(try await person.send("GET", "/api/records/\(id)").status == 410)
    #expect(try await person.send("PUT", "/api/records/\(id)", body("65")).status == 410)
    #expect(try await person.send("DELETE", "/api/records/\(id)").status == 403, "nothing is there")
    let listed = try await person.send("GET", "/api/records?record_types=vital_signs")
    #expect(listed.list("records").isEmpty)
  }

  @Test("The list is by type, in pages, each record once")
  func listing() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    var made: Set<String> = []
    for value in 60..<67 {
      made.insert(try #require(try await person.addPulse("juniper", "\(value)")["id"]))
    }
    let allergy =
      #"{"resource":{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/juniper"},"code":{"text":"Penicillin"}}}"#
    #expect(try await person.send("POST", "/api/records", allergy).status == 201)
    func all(_ query: String) async throws -> [String] {
      var seen: [String] = []
      var next: String? = "/api/records?\(query)"
      while let path = next {
        let page = try await person.send("GET", path)
        #expect(page.status == 200, "\(page.text)")
        seen += page.list("records").compactMap { $0["id"] as? String }
        next = page["next"]
      }
      return seen
    }
    let vital = try await all("record_types=vital_signs&page_size=3")
    #expect(vital.count == 7 && Set(vital) == made)
    #expect(try await all("record_types=allergies").count == 1)
    #expect(try await all("record_types=prescriptions").isEmpty)
    #expect(try await all("page_size=2").count == 9, "with the Patient")
    #expect(try await all("patient_id=juniper&record_types=allergies,vital_signs").count == 8)
    // The cursor of one question is none of another's.
    let page = try await person.send("GET", "/api/records?record_types=vital_signs&page_size=3")
    let other = try #require(page["next"]).replacing("vital_signs", with: "allergies")
    #expect(try await person.send("GET", other).status == 422)
  }

  @Test("What is no resource, or leads nowhere, is refused with its place")
  func badResources() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    for (resource, status) in [
      (#"{"resourceType":"Nonsense"}"#, 422), (#"{"resourceType":"Observation","id":"a b"}"#, 422),
      (
        #"{"resourceType":"Observation","status":7,"subject":{"reference":"Patient/juniper"}}"#, 201
      ),
      (#"{"resourceType":"Observation","subject":"Patient/juniper"}"#, 422),
      (#"{"resourceType":"Observation","subject":{"reference":"Patient/nobody"}}"#, 403),
      (#"{"resourceType":"Observation"}"#, 403), (#"{"resourceType":7}"#, 400), ("7", 400),
      (#"{"resourceType":"Patient","id":"rowan"}"#, 403),
    ] {
      let answer = try await person.send("POST", "/api/records", #"{"resource":\#(resource)}"#)
      #expect(answer.status == status, "\(resource): \(answer.text)")
    }
    for id in [
      "Nonsense-1", "observation-1", "Observation", "Observation-", "-1", "Observation-a%20b",
    ] {
      #expect(try await person.send("GET", "/api/records/\(id)").status == 404, "\(id)")
    }
  }

  @Test("A clinician reads the charts of those who are treated, and writes in them")
  func treating() async throws {
    let node = try await APINode(.organization)
    let patient = try await APIPerson.juniper(node)
    let doctor = try await APIPerson(node, "doctor", as: .staff([.clinician]))
    let unnamed = try await doctor.send("GET", "/api/records")
    #expect(unnamed.status == 422 && unnamed["place"] == "patient_id")
    #expect(try await doctor.send("GET", "/api/records?patient_id=juniper").status == 403)
    #expect(try await doctor.addPulse("juniper").status == 403)
    let account = try #require(SessionText(doctor.renewal)).value.account
    try await node.exchange.assign(account, toTreat: "juniper", seconds: 3600, as: node.owner)
    #expect(try await doctor.addPulse("juniper").status == 201)
    let listed = try await doctor.send("GET", "/api/records?patient_id=juniper")
    #expect(listed.list("records").count == 2)
    // In an organization the patient reads the own chart and does not write in it.
    #expect(try await patient.send("GET", "/api/records").list("records").count == 2)
    #expect(try await patient.addPulse("juniper").status == 403)
    node.clock.advance(seconds: 3600)
    node.clock.advance(seconds: 60)
    try doctor.take(try await doctor.signIn())
    #expect(try await doctor.send("GET", "/api/records?patient_id=juniper").status == 403)
  }

  @Test("An administrator runs the node and reads no chart")
  func administrator() async throws {
    let node = try await APINode(.organization)
    _ = try await APIPerson.juniper(node)
    let person = try await APIPerson(node, "admin", as: .staff([.administrator]))
    #expect(try await person.send("GET", "/api/records?patient_id=juniper").status == 403)
    #expect(try await person.addPulse("juniper").status == 403)
  }
}
