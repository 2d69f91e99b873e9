import Crypto
import Foundation
import Primitives
import SecDocument
import Testing

/// The keys of tests and vectors, each derived from its name.
enum TestKeys {
  static func seed(_ name: String) -> [UInt8] {
    Array(SHA256.hash(data: Array("peerchart sec test key \(name)".utf8)))
  }

  static func xwing(_ name: String) throws -> XWingMLKEM768X25519.PrivateKey {
    try XWingMLKEM768X25519.PrivateKey(seedRepresentation: seed(name), publicKey: nil)
  }

  static func x25519(_ name: String) throws -> Curve25519.KeyAgreement.PrivateKey {
    try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: seed(name))
  }

  static func signingKey() throws -> Curve25519.Signing.PrivateKey {
    try Curve25519.Signing.PrivateKey(rawRepresentation: seed("signer"))
  }

  static func postQuantumSigningKey() throws -> MLDSA65.PrivateKey {
    try MLDSA65.PrivateKey(seedRepresentation: seed("post-quantum signer"), publicKey: nil)
  }

  static func issuer() throws -> NodeID { try #require(NodeID(bytes: seed("issuer"))) }

  static let passphraseText = "correct horse Batterie Klammer ü"
  static let passphrase = Redacted(Array(passphraseText.utf8))

  static func cheapCost() throws -> PassphraseCost {
    try PassphraseCost(memoryKiB: 8192, passes: 1, lanes: 1)
  }

  static func signer(postQuantum: Bool = false) throws -> SecSigner {
    SecSigner(
      issuer: try issuer(), key: try signingKey(),
      postQuantumKey: postQuantum ? try postQuantumSigningKey() : nil)
  }

  static func recipient(_ kind: SecRecipientKind, _ name: String = "alice") throws -> SecRecipient {
    switch kind {
    case .xwing: .xwing(publicKey: Array(try xwing(name).publicKey.rawRepresentation))
    case .x25519: .x25519(publicKey: Array(try x25519(name).publicKey.rawRepresentation))
    case .passphrase: .passphrase(passphrase, cost: try cheapCost())
    }
  }

  static func identity(_ kind: SecRecipientKind, _ name: String = "alice") throws -> SecIdentity {
    switch kind {
    case .xwing: .xwing(try xwing(name))
    case .x25519: .x25519(try x25519(name))
    case .passphrase: .passphrase(passphrase)
    }
  }

  static func draft() throws -> SecDraft {
    SecDraft(
      mediaType: "application/fhir+json",
      created: Instant(millisecondsSinceEpoch: 1_772_357_400_000),
      subject: "Patient/made-up-1",
      documentType: SecDocumentType(code: "34133-9", display: "Summary of episode note"),
      predecessor: DocumentDigest(bytes: seed("predecessor")))
  }
}

/// The code with which `body` fails; nil when it does not fail.
func code(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return (error as? PeerChartError)?.code.rawValue ?? "\(type(of: error))"
  }
}

func open(_ file: [UInt8], _ identity: SecIdentity) throws {
  _ = try SecReader.open(file, with: [identity])
}
