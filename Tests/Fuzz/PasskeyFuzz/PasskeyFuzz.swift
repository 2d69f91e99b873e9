import FuzzDriver
import Identity
import Primitives

/// What a browser sends to sign somebody in, before anybody is known: CBOR, attestation objects,
/// client data, assertions, public keys, and the codes that are typed. The first byte picks the
/// parser, the rest is its input.
@main enum PasskeyFuzz {
  static func main() {
    guard let challenge = PasskeyChallenge(bytes: [UInt8](repeating: 0, count: 32)),
      let party = try? RelyingParty(
        id: "example.org", name: "", origins: ["https://example.org"])
    else { return }
    let question = Question(challenge: challenge, party: party)
    FuzzDriver.run { input in
      guard let choice = input.first else { return }
      let bytes = Array(input.dropFirst())
      switch choice % 8 {
      case 0: readCBOR(bytes)
      case 1: question.register(object: bytes)
      case 2: question.register(clientData: bytes)
      case 3: question.register(json: bytes)
      case 4: _ = try? PasskeyAssertion(parsing: bytes)
      case 5:
        guard let key = try? PasskeyPublicKey(cose: bytes) else { return }
        precondition(key.cose == bytes)
      case 6:
        let text = String(decoding: bytes, as: UTF8.self)
        if let hash = PasswordHash(text) { precondition(hash.text.exposed == text) }
      default:
        let text = String(decoding: bytes, as: UTF8.self)
        _ = PasswordPolicy.fault(of: Redacted(text), personal: [String(text.prefix(20))])
        _ = TOTPSecret(key: Redacted([UInt8](repeating: 1, count: 20)))?.step(
          matching: text, at: Instant(millisecondsSinceEpoch: 0), after: nil)
      }
    }
  }

  /// A prefix that is read is read the same alone, and no shorter one is an item.
  private static func readCBOR(_ bytes: [UInt8]) {
    guard let (value, count) = try? CBORReader.readPrefix(bytes[...]) else { return }
    precondition(count <= bytes.count)
    precondition((try? CBORReader.read(Array(bytes[..<count]))) == value)
    precondition(count < 2 || (try? CBORReader.read(Array(bytes[..<(count - 1)]))) == nil)
  }
}

private struct Question: Sendable {
  let challenge: PasskeyChallenge
  let party: RelyingParty

  /// Answers to the question with all but one part in order, so that this part is reached.
  func register(object: [UInt8]) {
    let clientData =
      #"{"type":"webauthn.create","challenge":"\#(challenge)","origin":"https://example.org"}"#
    let id = Self.credentialID(in: object) ?? [1]
    register(id: id, clientData: Array(clientData.utf8), object: object)
  }

  /// The credential's id stands 55 bytes into the authenticator data, which comes last.
  private static func credentialID(in object: [UInt8]) -> [UInt8]? {
    let name = Array("authData".utf8)
    guard object.count > name.count + 60,
      let start = (0..<object.count - name.count - 60).last(where: {
        object[$0..<$0 + name.count].elementsEqual(name)
      })
    else { return nil }
    let head = object[start + name.count] == 0x59 ? 3 : 2
    let data = object.dropFirst(start + name.count + head + 53)
    let count = data.prefix(2).reduce(0) { $0 << 8 | Int($1) }
    return (1...1023).contains(count) ? Array(data.dropFirst(2).prefix(count)) : nil
  }

  func register(clientData: [UInt8]) {
    register(id: [1], clientData: clientData, object: [0xA0])
  }

  func register(json: [UInt8]) {
    let passkey = try? Passkey.register(
      response: json, challenge: challenge, relyingParty: party, verification: .preferred,
      at: Instant(millisecondsSinceEpoch: 0))
    guard let passkey else { return }
    precondition((1...1023).contains(passkey.credentialID.count) && passkey.aaguid.count == 16)
  }

  private func register(id: [UInt8], clientData: [UInt8], object: [UInt8]) {
    let id = Base64URL.encode(id)
    let response =
      #"{"clientDataJSON":"\#(Base64URL.encode(clientData))","attestationObject":"\#(Base64URL.encode(object))"}"#
    register(
      json: Array(
        #"{"id":"\#(id)","rawId":"\#(id)","type":"public-key","response":\#(response)}"#.utf8))
  }
}
