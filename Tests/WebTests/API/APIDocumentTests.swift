import Consent
import Exchange
import FHIR
import Foundation
import Testing
import Web

@Suite("The REST API: its description")
struct APIDocumentTests {
  @Test("The document has the table's operations, no more and no fewer, and the router takes them")
  func sameTable() async throws {
    let node = try await APINode()
    let answer = try await node.send("GET", "/api/openapi.json")
    #expect(answer.status == 200 && answer.field("Content-Type") == "application/json")
    #expect(answer["openapi"] == "3.1.0")
    var described: Set<String> = []
    for (path, item) in answer.json["paths"] as? [String: [String: Any]] ?? [:] {
      for (method, operation) in item {
        let id = (operation as? [String: Any])?["operationId"] as? String ?? ""
        described.insert("\(method.uppercased()) \(path) \(id)")
      }
    }
    #expect(
      described
        == Set(
          APIOperation.allCases.map {
            "\($0.description.method) \($0.description.path) \($0.rawValue)"
          }))
    for operation in APIOperation.allCases {
      let row = operation.description
      let route = try Route(path: row.path.replacing("{id}", with: "x"))
      #expect(route.methods.contains(row.method))
      #expect(route.pattern == row.path.replacing("{id}", with: ":id"))
      #expect(APIOperation.at(row.path, row.method) == operation)
    }
  }

  @Test("Every example of the document is what its schema asks for")
  func examples() throws {
    var count = 0
    for operation in APIOperation.allCases {
      guard let body = operation.description.body, let example = operation.description.example
      else { continue }
      count += 1
      try body.schema.check(JSONDocument(parsing: Array(example.utf8)).root)
    }
    #expect(count > 5)
  }

  @Test("Objects are closed, texts bounded, and every refusal is described")
  func precision() async throws {
    let node = try await APINode()
    let answer = try await node.send("GET", "/api/openapi.json")
    var objects = 0
    func look(_ value: Any, _ place: String) {
      if let list = value as? [Any] { for each in list { look(each, place) } }
      guard let object = value as? [String: Any] else { return }
      if object["type"] as? String == "object", object["properties"] != nil {
        objects += 1
        let isResource = (object["properties"] as? [String: Any])?["resourceType"] != nil
        #expect(object["additionalProperties"] as? Bool == isResource, "\(place)")
      }
      if object["type"] as? String == "string", !place.contains("headers") {
        #expect(object["enum"] != nil || object["maxLength"] != nil, "\(place)")
      }
      for (name, each) in object { look(each, "\(place).\(name)") }
    }
    look(answer.json["components"] ?? "", "components")
    look(answer.json["paths"] ?? "", "paths")
    #expect(objects > 20)
    for operation in APIOperation.allCases {
      let row = operation.description
      #expect(row.refusals.contains(429) && row.refusals.contains(400))
      #expect(row.isOpen || row.refusals.contains(401) && row.refusals.contains(403))
    }
  }

  @Test(
    "The page tells of every operation, in two languages, without script and without anything foreign"
  )
  func page() async throws {
    let node = try await APINode()
    let pages = try await ["en", "es"].asyncMap {
      try await node.send("GET", "/api", fields: ["Accept-Language": $0, "Accept": "text/html"])
    }
    for page in pages {
      #expect(page.status == 200 && page.field("Content-Type") == "text/html; charset=utf-8")
      #expect(page.field("Content-Security-Policy")?.contains("default-src 'none'") == true)
      #expect(!page.text.contains("<script") && !page.text.contains("style="))
      for operation in APIOperation.allCases {
        #expect(page.text.contains("id=\"\(operation.rawValue)\""))
        #expect(page.text.contains(operation.description.path))
      }
      #expect(!page.text.contains(">api."), "every word is in the table")
      #expect(!page.text.contains("=\"http"), "nothing is fetched from elsewhere")
    }
    #expect(pages[0].text.contains("lang=\"en\"") && pages[1].text.contains("lang=\"es\""))
    #expect(
      try await node.send("GET", "/api", fields: ["Accept": "application/json"]).status == 406)
    #expect(try await node.send("POST", "/api").status == 405)
  }

  @Test("The words for types and purposes are the ones of consent, both ways")
  func words() throws {
    for type in RecordType.allCases {
      #expect(RecordTypeWord.type(RecordTypeWord.word(type)) == type)
    }
    #expect(RecordTypeWord.type("prescriptions") == .medications)
    #expect(RecordTypeWord.type("lab-results") == nil)
    for word in PurposeWord.accepted { #expect(PurposeWord.purpose(word) != nil) }
    #expect(PurposeWord.purpose("routine_checkup") == .treatment)
    #expect(PurposeWord.purpose("break_the_glass") == nil)
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(
    _ transform: (Element) async throws -> Value
  ) async throws -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}
