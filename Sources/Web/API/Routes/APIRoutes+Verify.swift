import Exchange
import FHIR
import Foundation
import Hummingbird
import Primitives

extension APIRoutes {
  /// Checks a document or a proof, which is kept nowhere.
  func verify(_ call: APICall) async throws -> Response {
    let bytes: [UInt8]
    switch (call.text("document"), call.text("proof")) {
    case (let document?, nil):
      guard let decoded = Base64.decode(document) else {
        throw PeerChartError(.invalid, "this is no base64", place: "$.document")
      }
      bytes = decoded
    case (nil, let proof?): bytes = Array(proof.utf8)
    default:
      throw PeerChartError(.invalid, "a document or a proof is sent, one of them", place: "$")
    }
    let found = try await exchange.verify(
      dropped: bytes, passphrase: call.text("passphrase").map { Redacted(Array($0.utf8)) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Answer.json(Array(try encoder.encode(found)))
  }
}
