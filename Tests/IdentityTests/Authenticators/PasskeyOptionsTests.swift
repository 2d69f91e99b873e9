import Foundation
import Identity
import Primitives
import Testing

@Suite("What browsers are asked")
struct PasskeyOptionsTests {
  private let challenge: PasskeyChallenge
  private let party: RelyingParty

  init() throws {
    challenge = PasskeyChallenge(random: SeededRandom(seed: 1))
    party = try #require(SoftAuthenticator.party)
  }

  @Test("for a new passkey")
  func creation() throws {
    let passkey = try Passkey.register(
      response: try SoftAuthenticator(seed: 1).create(challenge), challenge: challenge,
      relyingParty: party, at: TestNode.now)
    let user = try PasskeyCreation.User(handle: [1, 2, 255], name: "ana", displayName: "Ana \"</")
    let json = try PasskeyCreation.optionsJSON(
      challenge: challenge, relyingParty: party, user: user, excluding: [passkey])
    let id = Base64URL.encode(passkey.credentialID)
    let expected = #"""
      {"attestation":"none","authenticatorSelection":{"requireResidentKey":false,\#
      "residentKey":"preferred","userVerification":"required"},"challenge":"\#(challenge)",\#
      "excludeCredentials":[{"id":"\#(id)","transports":["internal","usb"],"type":"public-key"}],\#
      "pubKeyCredParams":[{"alg":-7,"type":"public-key"},{"alg":-8,"type":"public-key"},\#
      {"alg":-257,"type":"public-key"}],"rp":{"id":"chart.example","name":"Familie Beispiel"},\#
      "timeout":300000,"user":{"displayName":"Ana \"</","id":"AQL_","name":"ana"}}
      """#
    #expect(String(decoding: json, as: UTF8.self) == expected)
    for handle in [[], [UInt8](repeating: 0, count: 65)] {
      #expect(
        errorCode { _ = try PasskeyCreation.User(handle: handle, name: "", displayName: "") }
          == .invalid)
    }
  }

  @Test("for a use")
  func request() throws {
    let json = try PasskeyRequest.optionsJSON(
      challenge: challenge, relyingParty: party, verification: .preferred)
    let expected = #"""
      {"allowCredentials":[],"challenge":"\#(challenge)","rpId":"chart.example",\#
      "timeout":300000,"userVerification":"preferred"}
      """#
    #expect(String(decoding: json, as: UTF8.self) == expected)
  }

  @Test("challenges are fresh and are kept as they were")
  func challenges() throws {
    #expect(PasskeyChallenge(random: SystemRandom()) != PasskeyChallenge(random: SystemRandom()))
    let data = try JSONEncoder().encode([challenge])
    #expect(try JSONDecoder().decode([PasskeyChallenge].self, from: data) == [challenge])
    #expect(PasskeyChallenge(bytes: [1]) == nil)
    #expect(throws: PeerChartError.self) {
      try JSONDecoder().decode([PasskeyChallenge].self, from: Data(#"["AA"]"#.utf8))
    }
  }

  @Test("relying parties whose names fit together")
  func parties() throws {
    func code(_ id: String, _ origins: Set<String>) -> PeerChartError.Code? {
      errorCode { _ = try RelyingParty(id: id, name: "", origins: origins) }
    }
    let good: [(String, Set<String>)] = [
      ("a.example", ["https://a.example"]), ("localhost", ["https://localhost:8443"]),
      ("a.example", ["https://a.example:1", "https://b.a.example:65535"]),
    ]
    for (id, origins) in good { #expect(code(id, origins) == nil) }
    let bad: [(String, Set<String>)] = [
      ("", ["https://"]), ("A.example", ["https://a.example"]),
      ("192.0.2.1", ["https://192.0.2.1"]),
      ("::1", ["https://[::1]"]), ("a.example", []), ("a.example", ["http://a.example"]),
      ("a.example", ["https://ba.example"]), ("a.example", ["https://example"]),
      ("a.example", ["https://a.example/"]), ("a.example", ["https://a.example:443"]),
      ("a.example", ["https://a.example:0"]), ("a.example", ["https://a.example:65536"]),
      ("a.example", ["https://a.example:08"]), ("a.example", ["https://a.example:+8"]),
      ("a.example", ["https://A.example"]),
      ("a.example", ["https://a.example", "https://b.example"]),
      ("a.example", ["https://a.example:1:2"]), ("a.example", ["https://u@a.example"]),
    ]
    for (id, origins) in bad { #expect(code(id, origins) == .invalid, "\(origins)") }
  }
}
