import Crypto
import CryptoExtras
import Foundation
import Identity
import Primitives
import SwiftASN1
import X509

/// An authenticator and the browser in front of it, both in software, with a setting for every lie.
struct SoftAuthenticator {
  enum Key {
    case es256(P256.Signing.PrivateKey)
    case edDSA(Curve25519.Signing.PrivateKey)
    case rs256(_RSA.Signing.PrivateKey)

    var algorithm: Int64 {
      switch self {
      case .es256: -7
      case .edDSA: -8
      case .rs256: -257
      }
    }

    var cose: [Int64: CBORValue] {
      switch self {
      case .es256(let key):
        let point = Array(key.publicKey.rawRepresentation)
        return [
          1: .unsigned(2), 3: CBORWriter.number(-7), -1: .unsigned(1),
          -2: .bytes(Array(point[..<32])), -3: .bytes(Array(point[32...])),
        ]
      case .edDSA(let key):
        return [
          1: .unsigned(1), 3: CBORWriter.number(-8), -1: .unsigned(6),
          -2: .bytes(Array(key.publicKey.rawRepresentation)),
        ]
      case .rs256(let key):
        let parts = try? key.publicKey.getKeyPrimitives()
        return [
          1: .unsigned(3), 3: CBORWriter.number(-257),
          -1: .bytes(Array(parts?.modulus ?? Data())),
          -2: .bytes(Array(parts?.publicExponent ?? Data())),
        ]
      }
    }

    func sign(_ message: [UInt8]) throws -> [UInt8] {
      switch self {
      case .es256(let key): try Array(key.signature(for: message).derRepresentation)
      case .edDSA(let key): try Array(key.signature(for: message))
      case .rs256(let key):
        try Array(
          key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
            .rawRepresentation)
      }
    }
  }

  enum Statement {
    case none
    case itself
    case certificate(SoftManufacturer)
    /// Whatever: a format and what it says.
    case other(String, CBORValue)
  }

  static let party = try? RelyingParty(
    id: "chart.example", name: "Familie Beispiel", origins: ["https://chart.example:8443"])

  var key: Key
  var credentialID: [UInt8] = Array("a credential of the tests".utf8)
  var aaguid = [UInt8](repeating: 7, count: 16)
  var cose: [Int64: CBORValue]?
  /// UP, UV.
  var flags: UInt8 = 0x05
  var signCount: UInt32 = 1
  var statement = Statement.none
  var relyingPartyID = "chart.example"
  var extensions: CBORValue?
  var ceremony: String?
  var origin = "https://chart.example:8443"
  var clientExtras = #","crossOrigin":false"#
  var userHandle: [UInt8]?
  /// Last changes to what is sent, after it was signed.
  var trailing: [UInt8] = []

  init(_ key: Key) { self.key = key }

  init(seed: UInt64) throws {
    let scalar = SHA256.hash(data: SeededRandom(seed: seed).bytes(32))
    self.init(.es256(try P256.Signing.PrivateKey(rawRepresentation: Array(scalar))))
  }

  func clientData(_ usual: String, _ challenge: PasskeyChallenge) -> [UInt8] {
    Array(
      #"{"type":"\#(ceremony ?? usual)","challenge":"\#(challenge)","origin":"\#(origin)"\#(clientExtras)}"#
        .utf8)
  }

  func authenticatorData(attested: Bool) -> [UInt8] {
    var bytes = Array(SHA256.hash(data: Array(relyingPartyID.utf8)))
    bytes.append(flags | (attested ? 0x40 : 0) | (extensions == nil ? 0 : 0x80))
    bytes += withUnsafeBytes(of: signCount.bigEndian) { Array($0) }
    if attested {
      bytes += aaguid
      bytes += withUnsafeBytes(of: UInt16(credentialID.count).bigEndian) { Array($0) }
      bytes += credentialID + CBORWriter.write(CBORWriter.map(cose ?? key.cose))
    }
    if let extensions { bytes += CBORWriter.write(extensions) }
    return bytes + trailing
  }

  /// `credential.toJSON()` of a new credential.
  func create(_ challenge: PasskeyChallenge) throws -> [UInt8] {
    let clientData = clientData("webauthn.create", challenge)
    return Self.registration(
      id: credentialID, clientData: clientData, object: try attestationObject(clientData))
  }

  func attestationObject(_ clientData: [UInt8]) throws -> [UInt8] {
    let data = authenticatorData(attested: true)
    let message = data + Array(SHA256.hash(data: clientData))
    let (format, said): (String, CBORValue)
    switch statement {
    case .none: (format, said) = ("none", .map(CBORMap([])))
    case .itself:
      (format, said) = (
        "packed",
        CBORWriter.map([
          "alg": CBORWriter.number(key.algorithm), "sig": .bytes(try key.sign(message)),
        ])
      )
    case .certificate(let maker):
      (format, said) = (
        "packed",
        CBORWriter.map([
          "alg": CBORWriter.number(-7), "sig": .bytes(try maker.sign(message)),
          "x5c": .array([.bytes(try maker.certificate(aaguid: aaguid))]),
        ])
      )
    case .other(let name, let value): (format, said) = (name, value)
    }
    return CBORWriter.write(
      CBORWriter.map(["fmt": .text(format), "attStmt": said, "authData": .bytes(data)]))
  }

  /// `credential.toJSON()` of a use.
  func get(_ challenge: PasskeyChallenge) throws -> [UInt8] {
    let clientData = clientData("webauthn.get", challenge)
    let data = authenticatorData(attested: false)
    return Self.assertion(
      id: credentialID, clientData: clientData, data: data,
      signature: try key.sign(data + Array(SHA256.hash(data: clientData))), userHandle: userHandle)
  }

  static func registration(id: [UInt8], clientData: [UInt8], object: [UInt8]) -> [UInt8] {
    json(
      id,
      #""clientDataJSON":"\#(Base64URL.encode(clientData))","attestationObject":"\#(Base64URL.encode(object))","transports":["usb","internal"]"#
    )
  }

  static func assertion(
    id: [UInt8], clientData: [UInt8], data: [UInt8], signature: [UInt8], userHandle: [UInt8]? = nil
  ) -> [UInt8] {
    let handle = userHandle.map { #","userHandle":"\#(Base64URL.encode($0))""# } ?? ""
    return json(
      id,
      #""clientDataJSON":"\#(Base64URL.encode(clientData))","authenticatorData":"\#(Base64URL.encode(data))","signature":"\#(Base64URL.encode(signature))"\#(handle)"#
    )
  }

  private static func json(_ id: [UInt8], _ response: String) -> [UInt8] {
    let id = Base64URL.encode(id)
    return Array(
      #"{"id":"\#(id)","rawId":"\#(id)","type":"public-key","clientExtensionResults":{},"response":{\#(response)}}"#
        .utf8)
  }
}

/// Who makes authenticators and certifies them.
struct SoftManufacturer {
  var unit = "Authenticator Attestation"
  var isAuthority = false
  /// The model that the certificate names instead of the authenticator's.
  var model: [UInt8]?
  var modelIsCritical = false
  private let key = P256.Signing.PrivateKey()

  func sign(_ message: [UInt8]) throws -> [UInt8] {
    try Array(key.signature(for: message).derRepresentation)
  }

  func certificate(aaguid: [UInt8]) throws -> [UInt8] {
    let name = try DistinguishedName {
      CountryName("AA")
      OrganizationName("Maker")
      OrganizationalUnitName(unit)
      CommonName("Key")
    }
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey),
      notValidBefore: Date(timeIntervalSince1970: 1_700_000_000),
      notValidAfter: Date(timeIntervalSince1970: 1_900_000_000), issuer: name, subject: name,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        isAuthority
          ? BasicConstraints.isCertificateAuthority(maxPathLength: nil)
          : BasicConstraints.notCertificateAuthority
        Certificate.Extension(
          oid: [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4], critical: modelIsCritical,
          value: ([4, 16] + (model ?? aaguid))[...])
      }, issuerPrivateKey: .init(key))
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    return serializer.serializedBytes
  }
}
