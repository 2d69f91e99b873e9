import Audit
import Consent
import Exchange
import Foundation
import Testing
import Web

/// What must not work, over every row of the table.
@Suite("The REST API: refusals")
struct APIRefusalTests {
  /// A path of the operation, with an id where it takes one.
  private static func path(_ operation: APIOperation, id: String) -> String {
    operation.description.path.replacing("{id}", with: id)
  }

  private static var protected: [APIOperation] {
    APIOperation.allCases.filter { !$0.description.isOpen }
  }

  @Test("No operation but those of signing in is answered without a token that is good now")
  func noToken() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let parts = person.token.split(separator: ".").map(String.init)
    let forged = [
      "", "x", person.renewal, "eyJhbGciOiJub25lIn0.\(parts[1]).", parts[0] + "." + parts[1] + ".",
      String(person.token.dropLast(4)) + "AAAA", person.token + ".x", parts[1] + "." + parts[0],
    ]
    for operation in Self.protected {
      let (row, path) = (operation.description, Self.path(operation, id: "Observation-x"))
      let bare = try await node.send(row.method, path, row.body == nil ? nil : "{}")
      #expect(bare.status == 401, "\(operation)")
      #expect(bare.field("WWW-Authenticate")?.hasPrefix("Bearer ") == true, "\(operation)")
      #expect(bare["code"] == "unauthenticated", "\(operation)")
      for token in forged {
        let answer = try await node.send(
          row.method, path, row.body == nil ? nil : "{}", token: token)
        #expect(answer.status == 401, "\(operation): \(answer.text)")
      }
      let basic = try await node.send(
        row.method, path, row.body == nil ? nil : "{}",
        fields: ["Authorization": "Basic \(person.token)"])
      #expect(basic.status == 401, "\(operation)")
    }
    #expect(try await person.send("GET", "/api/records").status == 200)
  }

  @Test("What is another's is refused in the words for what is not there")
  func another() async throws {
    let node = try await APINode()
    let (juniper, rowan) = (
      try await APIPerson.juniper(node), try await APIPerson.rowan(node)
    )
    let record = try #require(try await juniper.addPulse("juniper")["id"])
    try await node.store(APISharingTests.provider)
    let grant = try #require(
      try await juniper.send("POST", "/api/sharing/grant", APISharingTests.sharing)["id"])
    let id = String(record.drop { $0 != "-" }.dropFirst())
    let stolen = #"{"resource":\#(APIPerson.pulse("juniper", "1", id: id))}"#
    let taken = #"{"resource":\#(APIPerson.pulse("rowan", "1", id: id))}"#
    let absent = "Observation-00000000-0000-4000-8000-000000000000"
    for (method, body) in [("GET", nil), ("DELETE", nil), ("PUT", stolen), ("PUT", taken)] {
      let (theirs, nobodys) = (
        try await rowan.send(method, "/api/records/\(record)", body),
        try await rowan.send(
          method, "/api/records/\(absent)",
          body?.replacing(id, with: absent.dropFirst("Observation-".count)))
      )
      #expect(theirs.status == 403 && nobodys.status == 403, "\(method)")
      #expect(theirs["detail"] == nobodys["detail"], "\(method)")
    }
    #expect(try await rowan.addPulse("juniper").status == 403)
    #expect(try await rowan.send("GET", "/api/records?patient_id=juniper").status == 403)
    #expect(try await rowan.send("GET", "/api/records?patient_id=nobody").status == 403)
    let (theirs, nobodys) = (
      try await rowan.send("PUT", "/api/sharing/\(grant)/revoke"),
      try await rowan.send("PUT", "/api/sharing/nothing/revoke")
    )
    #expect(theirs.status == 404 && nobodys.status == 404)
    #expect(theirs["detail"] == nobodys["detail"])
    let listed = try await rowan.send("GET", "/api/sharing/permissions")
    #expect(listed.status == 200 && listed.list("permissions").isEmpty)
    #expect(
      try await rowan.send("GET", "/api/records").list("records").count == 1, "the own Patient")
    #expect(try await juniper.send("GET", "/api/records/\(record)").status == 200)
    #expect(
      try await juniper.send("GET", "/api/sharing/permissions").list("permissions").count == 1)
  }

  @Test("A body that is not exactly what the table says is refused, and never repeated")
  func strictBodies() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let good = APISharingTests.sharing
    let mark = "unheard-of-value"
    let bad = [
      "", "{}", "[]", "null", "\"\(mark)\"", "{", good + "x", good + good,
      good.replacing("}", with: #","\#(mark)":1}"#),
      good.replacing("}", with: #","purpose":"treatment"}"#),
      good.replacing("\"provider-123\"", with: "7"),
      good.replacing("provider-123", with: "\(mark) "),
      good.replacing("provider-123", with: String(repeating: "a", count: 65)),
      good.replacing("lab_results", with: mark),
      good.replacing("prescriptions", with: "lab_results"),
      good.replacing(#"["lab_results","prescriptions"]"#, with: "[]"),
      good.replacing(#"["lab_results","prescriptions"]"#, with: "\"lab_results\""),
      good.replacing("routine_checkup", with: mark),
      good.replacing("2026-12-31T23:59:59Z", with: "2026-12-31"),
      good.replacing("2026-12-31T23:59:59Z", with: mark),
      String(repeating: "[", count: 10_000), "\u{FEFF}" + good,
    ]
    for body in bad {
      let answer = try await person.send("POST", "/api/sharing/grant", body)
      // What is nested without end is not looked at to the end.
      let isDeep = body.hasPrefix("[[")
      #expect(answer.status == (isDeep ? 413 : 400), "\(body.prefix(80)): \(answer.text)")
      #expect(answer.field("Content-Type") == "application/problem+json")
      #expect(!answer.text.contains(mark))
    }
    for (operation, path) in [("PUT", "/api/patients/profile"), ("POST", "/api/records")] {
      #expect(try await person.send(operation, path, good).status == 400)
    }
  }

  @Test("Long bodies, other formats, other methods and other wishes get their own status")
  func http() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let long = #"{"provider_id":"\#(String(repeating: "a", count: 20_000))"}"#
    #expect(try await person.send("POST", "/api/sharing/grant", long).status == 413)
    for type in ["text/plain", "application/xml", "application/json; charset=utf-16", ""] {
      let answer = try await person.send(
        "POST", "/api/sharing/grant", APISharingTests.sharing, fields: ["Content-Type": type])
      #expect(answer.status == 415, "\(type)")
    }
    for accept in ["text/html", "application/json;q=0", "application/fhir+json"] {
      let answer = try await person.send("GET", "/api/records", fields: ["Accept": accept])
      #expect(answer.status == 406, "\(accept)")
    }
    for accept in ["*/*", "application/*;q=0.1", "text/html, application/json"] {
      let answer = try await person.send("GET", "/api/records", fields: ["Accept": accept])
      #expect(answer.status == 200, "\(accept)")
    }
    let paths = Set(APIOperation.allCases.map(\.description.path))
    for path in paths {
      let allowed = APIOperation.allCases.map(\.description).filter { $0.path == path }.map(
        \.method)
      let real = path.replacing("{id}", with: "Observation-x")
      for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
      where !allowed.contains(method) {
        let answer = try await person.send(method, real)
        #expect(answer.status == 405, "\(method) \(path)")
        let listed = answer.field("Allow")?.split(separator: ", ").map(String.init) ?? []
        #expect(Set(listed) == Set(allowed + (allowed.contains("GET") ? ["HEAD"] : [])))
      }
    }
    for path in ["/api/nothing", "/api/records/a/b", "/api/records/", "/api//records", "/API"] {
      let answer = try await person.send("GET", path)
      #expect(answer.status == 404 || path == "/api/records/" && answer.status == 200, "\(path)")
    }
  }

  @Test("A query may hold what the table says, once, and nothing else")
  func queries() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    for query in [
      "page_size=0", "page_size=201", "page_size=-1", "page_size=1.5", "page_size=",
      "page_size=1e1",
      "page_size=1&page_size=1", "nonsense=1", "record_types=", "record_types=nonsense",
      "record_types=allergies,allergies", "record_types=allergies,", "cursor=%20", "patient_id=%00",
      "patient_id=..%2F..", "%ff=1",
    ] {
      let answer = try await person.send("GET", "/api/records?\(query)")
      #expect(answer.status == 400, "\(query): \(answer.status)")
    }
    let forged = try await person.send("GET", "/api/records?cursor=AAAA")
    #expect(forged.status == 422 && forged["code"] == "invalid")
    #expect(try await person.send("GET", "/api/sharing/permissions?cursor=AAAA").status == 422)
    #expect(
      try await person.send("GET", "/api/sharing/permissions?patient_id=juniper").status == 400)
  }

  @Test("Refusals are in the log")
  func logged() async throws {
    let node = try await APINode()
    let (juniper, rowan) = (
      try await APIPerson.juniper(node), try await APIPerson.rowan(node)
    )
    let record = try #require(try await juniper.addPulse("juniper")["id"])
    _ = try await rowan.send("GET", "/api/records/\(record)")
    let events = try await node.exchange.auditEvents(
      of: nil, before: nil, limit: 20, as: node.owner)
    #expect(events.first?.event.kind == .decisionDeny)
    #expect(try await node.exchange.verifyAudit { _ in }.findings.isEmpty)
  }
}
