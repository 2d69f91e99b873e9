import Crypto
import Identity
import Primitives
import Testing

@Suite("Damaged answers of authenticators")
struct PasskeyMutationTests {
  private let challenge = PasskeyChallenge(random: SystemRandom())
  private let party: RelyingParty

  init() throws { party = try #require(SoftAuthenticator.party) }

  private func register(_ json: [UInt8]) throws(PeerChartError) -> Passkey {
    try Passkey.register(
      response: json, challenge: challenge, relyingParty: party, at: TestNode.now)
  }

  @Test("every changed byte of a use is noticed")
  func uses() throws {
    var authenticator = try SoftAuthenticator(seed: 1)
    let passkey = try register(try authenticator.create(challenge))
    authenticator.signCount = 2
    let clientData = authenticator.clientData("webauthn.get", challenge)
    let data = authenticator.authenticatorData(attested: false)
    let signature = try authenticator.key.sign(data + Array(SHA256.hash(data: clientData)))
    let id = authenticator.credentialID
    func accepts(_ json: [UInt8]) -> Bool {
      (try? passkey.verify(assertion: json, challenge: challenge, relyingParty: party)) != nil
    }
    #expect(
      accepts(
        SoftAuthenticator.assertion(
          id: id, clientData: clientData, data: data, signature: signature)))
    for (place, changed) in flips(of: id) {
      let json = SoftAuthenticator.assertion(
        id: changed, clientData: clientData, data: data, signature: signature)
      #expect(!accepts(json), "id \(place)")
    }
    for (place, changed) in flips(of: clientData) {
      let json = SoftAuthenticator.assertion(
        id: id, clientData: changed, data: data, signature: signature)
      #expect(!accepts(json), "client data \(place)")
    }
    for (place, changed) in flips(of: data) {
      let json = SoftAuthenticator.assertion(
        id: id, clientData: clientData, data: changed, signature: signature)
      #expect(!accepts(json), "authenticator data \(place)")
    }
    for (place, changed) in flips(of: signature) {
      let json = SoftAuthenticator.assertion(
        id: id, clientData: clientData, data: data, signature: changed)
      #expect(!accepts(json), "signature \(place)")
    }
  }

  @Test("every changed byte of a signed registration is noticed", arguments: [false, true])
  func registrations(certified: Bool) throws {
    var authenticator = try SoftAuthenticator(seed: 2)
    authenticator.statement = certified ? .certificate(SoftManufacturer()) : .itself
    let clientData = authenticator.clientData("webauthn.create", challenge)
    let object = try authenticator.attestationObject(clientData)
    let good = try register(
      SoftAuthenticator.registration(
        id: authenticator.credentialID, clientData: clientData, object: object))
    for (place, changed) in flips(of: object) {
      let json = SoftAuthenticator.registration(
        id: authenticator.credentialID, clientData: clientData, object: changed)
      // Within a certificate nothing is signed for us: its issuer is not asked for. What it vouches
      // for is then still the same.
      let accepted = try? register(json)
      #expect(accepted == nil || certified && accepted == good, "object \(place)")
    }
    for (place, changed) in flips(of: clientData) {
      let json = SoftAuthenticator.registration(
        id: authenticator.credentialID, clientData: changed, object: object)
      #expect((try? register(json)) == nil, "client data \(place)")
    }
  }

  /// Whoever makes a certificate of their own can sign with its key, so what is behind the signature's
  /// check meets hostile certificates too.
  @Test("damaged certificates of makers")
  func certificates() throws {
    var generator = SeededGenerator(seed: 32)
    let maker = SoftManufacturer()
    var authenticator = try SoftAuthenticator(seed: 4)
    let certificate = try maker.certificate(aaguid: authenticator.aaguid)
    let message =
      authenticator.authenticatorData(attested: true)
      + SHA256.hash(data: authenticator.clientData("webauthn.create", challenge))
    let signature = try maker.sign(message)
    var codes: [PeerChartError.Code?: Int] = [:]
    for _ in 0..<3000 {
      authenticator.statement = .other(
        "packed",
        CBORWriter.map([
          "alg": CBORWriter.number(-7), "sig": .bytes(signature),
          "x5c": .array([.bytes(damage(certificate, using: &generator))]),
        ]))
      let json = try authenticator.create(challenge)
      codes[errorCode { _ = try register(json) }, default: 0] += 1
    }
    // What the key has signed stays signed; only a changed key would break that, and a changed point
    // is hardly ever one of the curve.
    #expect(codes[.malformed] ?? 0 > 300)
    #expect(codes[nil] ?? 0 > 50)
    #expect(Set(codes.keys).isSubset(of: [.malformed, .unauthenticated, nil]))
  }

  @Test("any damage has an answer, and a reason that tells nothing")
  func damaged() throws {
    var generator = SeededGenerator(seed: 31)
    var authenticator = try SoftAuthenticator(seed: 3)
    let passkey = try register(try authenticator.create(challenge))
    authenticator.extensions = CBORWriter.map(["credProtect": .unsigned(2)])
    authenticator.statement = .certificate(SoftManufacturer())
    let clientData = authenticator.clientData("webauthn.create", challenge)
    let object = try authenticator.attestationObject(clientData)
    let made = try authenticator.create(challenge)
    let used = try authenticator.get(challenge)
    let expected: Set<PeerChartError.Code> = [
      .malformed, .tooLarge, .unauthenticated, .invalid,
    ]
    for round in 0..<4000 {
      let json =
        switch round % 4 {
        case 0: damage(made, using: &generator)
        case 1: damage(used, using: &generator)
        case 2:
          SoftAuthenticator.registration(
            id: authenticator.credentialID, clientData: clientData,
            object: damage(object, using: &generator))
        default:
          SoftAuthenticator.registration(
            id: authenticator.credentialID, clientData: damage(clientData, using: &generator),
            object: object)
        }
      do {
        if round % 4 == 1 {
          _ = try passkey.verify(assertion: json, challenge: challenge, relyingParty: party)
        } else {
          _ = try register(json)
        }
      } catch {
        #expect(expected.contains(error.code), "round \(round): \(error)")
        #expect(error.cause == nil)
      }
    }
  }
}
