import Foundation
import Identity
import Primitives

/// Tests/Vectors/webauthn/level3.json: the test vectors of the WebAuthn specification.
struct WebAuthnVectors: Decodable {
  struct Ceremony: Decodable {
    let challenge: String
    let clientDataJSON: String
    let attestationObject: String?
    let authenticatorData: String?
    let signature: String?

    func question() throws -> PasskeyChallenge {
      guard let challenge = PasskeyChallenge(bytes: try bytes(challenge)) else {
        throw CocoaError(.coderInvalidValue)
      }
      return challenge
    }

    func bytes(_ hex: String?) throws -> [UInt8] {
      guard let bytes = hex.flatMap({ Hex.decode($0) }) else {
        throw CocoaError(.coderInvalidValue)
      }
      return bytes
    }
  }

  struct Vector: Decodable, CustomStringConvertible {
    let section: String
    let title: String
    let credentialID: String
    let aaguid: String
    let registration: Ceremony
    let authentication: Ceremony

    var description: String { "\(section) \(title)" }

    func created() throws -> [UInt8] {
      SoftAuthenticator.registration(
        id: try registration.bytes(credentialID),
        clientData: Array(registration.clientDataJSON.utf8),
        object: try registration.bytes(registration.attestationObject))
    }

    func used() throws -> [UInt8] {
      SoftAuthenticator.assertion(
        id: try registration.bytes(credentialID),
        clientData: Array(authentication.clientDataJSON.utf8),
        data: try authentication.bytes(authentication.authenticatorData),
        signature: try authentication.bytes(authentication.signature))
    }
  }

  let relyingPartyID: String
  let origin: String
  let vectors: [Vector]

  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func load() throws -> WebAuthnVectors {
    let file = folder.appending(path: "Vectors/webauthn/level3.json")
    return try JSONDecoder().decode(WebAuthnVectors.self, from: Data(contentsOf: file))
  }
}
