import Foundation
import Testing

/// Tokens that are bound to a key: the proofs are made by jwcrypto, which this project did not write.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct SMARTProofFlowTests {
  @Test(arguments: FlowEngine.allCases)
  func whoeverHasATokenAndNotItsKeyHasNothing(engine: FlowEngine) async throws {
    let node = try await SMARTScene.node(engine)
    let code = try #require(try await node.must("account", "invite", "--patient", "p").lines.first)
    let app = try await Program.python("proof_app.py", [node.url, node.ca, code, "p"])
    #expect(app.status == 0, "\(app.output)\(app.errors)")
    #expect(try await node.isLogClean())
  }
}

/// A node with two charts and observations of two kinds.
enum SMARTScene {
  static func observation(_ id: String, of patient: String, category: String? = nil) -> String {
    let system = "http://terminology.hl7.org/CodeSystem/observation-category"
    let categories =
      category.map {
        #","category":[{"coding":[{"system":"\#(system)","code":"\#($0)"}]}]"#
      } ?? ""
    return
      #"{"resourceType":"Observation","id":"\#(id)","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/\#(patient)"},"effectiveDateTime":"2026-01-10"\#(categories)}"#
  }

  static func node(_ engine: FlowEngine, kind: String = "household") async throws -> FlowNode {
    let node = try await FlowNode(kind, database: engine.cluster())
    for patient in ["p", "q"] {
      let json = #"{"resourceType":"Patient","id":"\#(patient)","birthDate":"1990-05-01"}"#
      _ = try await node.take("\(patient).json", Array(json.utf8))
    }
    let observations = [
      observation("o", of: "p", category: "laboratory"), observation("other", of: "q"),
      observation("v", of: "p", category: "vital-signs"),
    ]
    for (number, json) in observations.enumerated() {
      _ = try await node.take("observation\(number).json", Array(json.utf8))
    }
    try await node.serve()
    return node
  }
}
