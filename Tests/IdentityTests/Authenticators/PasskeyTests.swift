import Crypto
import CryptoExtras
import Foundation
import Identity
import Primitives
import Testing

@Suite("Passkeys")
struct PasskeyTests {
  private let challenge = PasskeyChallenge(random: SystemRandom())
  private let party: RelyingParty

  init() throws { party = try #require(SoftAuthenticator.party) }

  private func register(_ authenticator: SoftAuthenticator) throws -> Passkey {
    try Passkey.register(
      response: try authenticator.create(challenge), challenge: challenge, relyingParty: party,
      name: "Schlüssel", at: TestNode.now)
  }

  private func code(
    _ change: (inout SoftAuthenticator) throws -> Void
  ) throws -> PeerChartError.Code? {
    var authenticator = try SoftAuthenticator(seed: 1)
    try change(&authenticator)
    return errorCode { _ = try register(authenticator) }
  }

  @Test("made and used, with every kind of key", arguments: ["es256", "edDSA", "rs256"])
  func ceremonies(kind: String) throws {
    let key: SoftAuthenticator.Key =
      switch kind {
      case "es256": .es256(P256.Signing.PrivateKey())
      case "edDSA": .edDSA(Curve25519.Signing.PrivateKey())
      default: .rs256(try _RSA.Signing.PrivateKey(keySize: .bits2048))
      }
    var authenticator = SoftAuthenticator(key)
    for statement in [SoftAuthenticator.Statement.none, .itself, .certificate(SoftManufacturer())] {
      authenticator.statement = statement
      authenticator.signCount = 1
      var passkey = try register(authenticator)
      #expect(passkey.credentialID == authenticator.credentialID)
      #expect(passkey.publicKey.algorithm.rawValue == key.algorithm)
      #expect(passkey.aaguid == authenticator.aaguid)
      #expect(passkey.transports == ["internal", "usb"])
      #expect(passkey.name == "Schlüssel")
      #expect(passkey.createdAt == TestNode.now)
      #expect(!passkey.isBackupEligible && !passkey.isBackedUp)
      authenticator.signCount = 2
      let use = try passkey.verify(
        assertion: try authenticator.get(challenge), challenge: challenge, relyingParty: party)
      #expect(use == PasskeyUseShape(signCount: 2, isUserVerified: true, isBackedUp: false))
      passkey.record(use)
      #expect(passkey.signCount == 2)
      let data = try JSONEncoder().encode(passkey)
      #expect(try JSONDecoder().decode(Passkey.self, from: data) == passkey)
    }
  }

  @Test("what vouched for it is told")
  func attestation() throws {
    var authenticator = try SoftAuthenticator(seed: 1)
    #expect(try register(authenticator).attestation == .none)
    authenticator.statement = .itself
    #expect(try register(authenticator).attestation == .itself)
    authenticator.statement = .certificate(SoftManufacturer())
    #expect(try register(authenticator).attestation == .certificate)
    for format in ["tpm", "fido-u2f", "android-key", "apple"] {
      authenticator.statement = .other(format, CBORWriter.map(["sig": .bytes([1])]))
      #expect(try register(authenticator).attestation == .unchecked)
    }
  }

  /// As Firefox once wrote it: authData, fmt, attStmt.
  @Test("what the browser writes may have its keys in any order, what the authenticator writes not")
  func order() throws {
    let authenticator = try SoftAuthenticator(seed: 6)
    let clientData = authenticator.clientData("webauthn.create", challenge)
    let object = try CBORReader.read(try authenticator.attestationObject(clientData))
    guard case .map(let map) = object else {
      Issue.record("no map")
      return
    }
    func code(_ entries: [CBORMap.Entry]) -> PeerChartError.Code? {
      let json = SoftAuthenticator.registration(
        id: authenticator.credentialID, clientData: clientData,
        object: CBORWriter.write(.map(CBORMap(entries))))
      return errorCode {
        _ = try Passkey.register(
          response: json, challenge: challenge, relyingParty: party, at: TestNode.now)
      }
    }
    #expect(code(map.entries) == nil)
    #expect(code(map.entries.reversed()) == nil)
    #expect(code(map.entries + map.entries.prefix(1)) == .malformed)
    #expect(code(map.entries.dropLast()) == .malformed)
    let key = CBORWriter.map(authenticator.key.cose)
    guard case .map(let members) = key else { return }
    let reversed = CBORWriter.write(.map(CBORMap(members.entries.reversed())))
    #expect(errorCode { _ = try PasskeyPublicKey(cose: reversed) } == .malformed)
    #expect(try PasskeyPublicKey(cose: CBORWriter.write(key)).algorithm == .es256)
  }

  @Test("an answer to another question")
  func otherQuestions() throws {
    #expect(try code { _ in } == nil)
    let challenge = PasskeyChallenge(random: SystemRandom())
    let authenticator = try SoftAuthenticator(seed: 1)
    let stale = try authenticator.create(challenge)
    #expect(
      errorCode {
        _ = try Passkey.register(
          response: stale, challenge: self.challenge, relyingParty: party, at: TestNode.now)
      } == .unauthenticated)
    let changes: [(inout SoftAuthenticator) -> Void] = [
      { $0.ceremony = "webauthn.get" }, { $0.ceremony = "payment.get" },
      { $0.origin = "https://chart.example" }, { $0.origin = "http://chart.example:8443" },
      { $0.origin = "https://evil.chart.example:8443" },
      { $0.origin = "https://chart.example:8443/" },
      { $0.clientExtras = #","crossOrigin":true"# },
      { $0.clientExtras = #","topOrigin":"https://evil.example""# },
      { $0.clientExtras = #","tokenBinding":{"status":"present","id":"AA"}"# },
      { $0.relyingPartyID = "evil.example" }, { $0.relyingPartyID = "example" },
      { $0.flags = 0x04 }, { $0.flags = 0x01 }, { $0.flags = 0 },
    ]
    for (index, change) in changes.enumerated() {
      #expect(try code(change) == .unauthenticated, "\(index)")
    }
    let harmless: [(inout SoftAuthenticator) -> Void] = [
      { $0.clientExtras = "" }, { $0.clientExtras = #","future":{"a":[1,2]}"# },
      { $0.clientExtras = #","tokenBinding":{"status":"supported"}"# }, { $0.flags = 0x1D },
      { $0.flags = 0x27 },
      { $0.extensions = CBORWriter.map(["credProtect": .unsigned(2)]) },
      { $0.credentialID = [UInt8](repeating: 9, count: 1023) },
    ]
    for (index, change) in harmless.enumerated() {
      #expect(try code(change) == nil, "\(index)")
    }
  }

  @Test("what does not follow the format")
  func shapes() throws {
    let good = try SoftAuthenticator(seed: 1).key.cose
    let keys: [(PeerChartError.Code, [Int64: CBORValue])] = [
      (.invalid, good.merging([3: CBORWriter.number(-35)]) { $1 }),
      (.invalid, good.merging([3: .unsigned(7)]) { $1 }),
      (.malformed, good.merging([1: .unsigned(1)]) { $1 }),
      (.malformed, good.merging([-1: .unsigned(2)]) { $1 }),
      (.malformed, good.merging([-2: .bytes([UInt8](repeating: 1, count: 32))]) { $1 }),
      (.malformed, good.merging([-3: .bytes([])]) { $1 }),
      (.malformed, good.merging([-3: .bool(true)]) { $1 }),
      (.malformed, good.merging([2: .bytes([1])]) { $1 }),
      (.malformed, good.filter { $0.key != -3 }), (.malformed, good.filter { $0.key != 3 }),
      (.malformed, [:]),
    ]
    for (index, (expected, key)) in keys.enumerated() {
      #expect(try code { $0.cose = key } == expected, "key \(index)")
    }
    let neutral: [Int64: CBORValue] = [
      1: .unsigned(1), 3: CBORWriter.number(-8), -1: .unsigned(6),
      -2: .bytes([1] + [UInt8](repeating: 0, count: 31)),
    ]
    #expect(try code { $0.cose = neutral } == .malformed, "a key with which anybody can sign")
    let others: [(PeerChartError.Code, (inout SoftAuthenticator) -> Void)] = [
      (.malformed, { $0.trailing = [0] }), (.malformed, { $0.flags = 0x15 }),
      (.malformed, { $0.credentialID = [] }),
      (.malformed, { $0.credentialID = [UInt8](repeating: 9, count: 1024) }),
      (.malformed, { $0.extensions = .unsigned(1) }),
      (.malformed, { $0.statement = .other("none", CBORWriter.map(["a": .unsigned(1)])) }),
      (.malformed, { $0.statement = .other("none", .array([])) }),
      (.malformed, { $0.statement = .other("packed", CBORWriter.map(["alg": .unsigned(7)])) }),
      (.invalid, { $0.statement = .other("pacled", .map(CBORMap([]))) }),
      (.malformed, { $0.statement = .other("tpm", .bytes([])) }),
      (.invalid, { $0.statement = .other("", .map(CBORMap([]))) }),
    ]
    for (index, (expected, change)) in others.enumerated() {
      #expect(try code(change) == expected, "\(index)")
    }
  }

  @Test("statements that do not hold")
  func statements() throws {
    func packed(_ change: (inout [String: CBORValue], SoftAuthenticator) throws -> Void) throws
      -> PeerChartError.Code?
    {
      try code { authenticator in
        authenticator.statement = .itself
        var members: [String: CBORValue] = [
          "alg": CBORWriter.number(-7), "sig": .bytes([1]),
        ]
        let clientData = authenticator.clientData("webauthn.create", challenge)
        let message =
          authenticator.authenticatorData(attested: true) + SHA256.hash(data: clientData)
        members["sig"] = .bytes(try authenticator.key.sign(message))
        try change(&members, authenticator)
        authenticator.statement = .other("packed", CBORWriter.map(members))
      }
    }
    #expect(try packed { _, _ in } == nil)
    #expect(try packed { members, _ in members["alg"] = CBORWriter.number(-8) } == .unauthenticated)
    #expect(try packed { members, _ in members["sig"] = .bytes([]) } == .unauthenticated)
    #expect(try packed { members, _ in members["ecdaaKeyId"] = .bytes([]) } == .malformed)
    #expect(try packed { members, _ in members["x5c"] = .array([]) } == .malformed)
    #expect(
      try packed { members, _ in members["x5c"] = .array([.bytes([0x30, 0])]) } == .malformed)
    #expect(try packed { members, _ in members["sig"] = nil } == .malformed)
    // A certificate, but the signature is that of the new key.
    let maker = SoftManufacturer()
    #expect(
      try packed { members, authenticator in
        members["x5c"] = .array([.bytes(try maker.certificate(aaguid: authenticator.aaguid))])
      } == .unauthenticated)
    let makers: [(inout SoftManufacturer) -> Void] = [
      { $0.unit = "Authenticator" }, { $0.isAuthority = true },
      { $0.model = [UInt8](repeating: 0, count: 16) }, { $0.model = [7] },
      { $0.modelIsCritical = true },
    ]
    for (index, change) in makers.enumerated() {
      var maker = SoftManufacturer()
      change(&maker)
      #expect(try code { $0.statement = .certificate(maker) } == .malformed, "\(index)")
    }
  }

  @Test("a use that is not one")
  func uses() throws {
    let start = try SoftAuthenticator(seed: 1)
    let passkey = try register(start)
    func code(_ change: (inout SoftAuthenticator) throws -> Void) throws -> PeerChartError? {
      var authenticator = start
      authenticator.signCount = 2
      try change(&authenticator)
      do {
        _ = try passkey.verify(
          assertion: try authenticator.get(challenge), challenge: challenge, relyingParty: party,
          userHandle: [1, 2, 3])
        return nil
      } catch { return error as? PeerChartError }
    }
    #expect(try code { _ in } == nil)
    #expect(try code { $0.userHandle = [1, 2, 3] } == nil)
    let changes: [(inout SoftAuthenticator) throws -> Void] = [
      { $0.ceremony = "webauthn.create" }, { $0.origin = "https://evil.example" },
      { $0.clientExtras = #","crossOrigin":true"# }, { $0.relyingPartyID = "evil.example" },
      { $0.flags = 0x04 }, { $0.flags = 0x01 }, { $0.credentialID = [1] },
      { $0.userHandle = [1, 2, 4] }, { $0.userHandle = [] },
      { $0.key = try SoftAuthenticator(seed: 2).key }, { $0.signCount = 1 }, { $0.signCount = 0 },
    ]
    for (index, change) in changes.enumerated() {
      #expect(try code(change)?.code == .unauthenticated, "\(index)")
    }
    #expect(try code { $0.signCount = 1 }?.place == Passkey.cloneSuspected)
    #expect(try code { $0.flags = 0x0D }?.code == .malformed)
    #expect(try code { $0.trailing = [0] }?.code == .malformed)
    // A registration is no use, and a use no registration.
    let made = try start.create(challenge)
    #expect(errorCode { _ = try PasskeyAssertion(parsing: made) } == .malformed)
  }

  @Test("an authenticator that does not count, and one that begins to")
  func counters() throws {
    var authenticator = try SoftAuthenticator(seed: 3)
    authenticator.signCount = 0
    var passkey = try register(authenticator)
    func use(_ count: UInt32) throws -> PasskeyUse {
      authenticator.signCount = count
      return try passkey.verify(
        assertion: try authenticator.get(challenge), challenge: challenge, relyingParty: party)
    }
    for _ in 0..<2 { passkey.record(try use(0)) }
    passkey.record(try use(.max))
    #expect(errorCode { _ = try use(0) } == .unauthenticated)
    #expect(errorCode { _ = try use(.max) } == .unauthenticated)
  }

  @Test("as a second factor a touch is enough")
  func preferred() throws {
    var authenticator = try SoftAuthenticator(seed: 4)
    authenticator.flags = 0x01
    let passkey = try Passkey.register(
      response: try authenticator.create(challenge), challenge: challenge, relyingParty: party,
      verification: .preferred, at: TestNode.now)
    authenticator.signCount = 2
    let answer = try authenticator.get(challenge)
    let use = try passkey.verify(
      assertion: answer, challenge: challenge, relyingParty: party, verification: .preferred)
    #expect(!use.isUserVerified)
    #expect(
      errorCode {
        _ = try passkey.verify(assertion: answer, challenge: challenge, relyingParty: party)
      } == .unauthenticated)
  }

  @Test("the envelope")
  func envelope() throws {
    let authenticator = try SoftAuthenticator(seed: 5)
    let text = String(decoding: try authenticator.create(challenge), as: UTF8.self)
    func code(_ text: String) -> PeerChartError.Code? {
      errorCode {
        _ = try Passkey.register(
          response: Array(text.utf8), challenge: challenge, relyingParty: party, at: TestNode.now)
      }
    }
    #expect(code(text) == nil)
    let nested = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    let bad = [
      "", "{}", "[]", "null", String(text.dropLast()), text + "x",
      text.replacing("public-key", with: "password"),
      text.replacing(#""rawId":""#, with: #""rawId":"AA"#),
      text.replacing(#""id":""#, with: #""ID":""#),
      text.replacing(#""clientDataJSON":""#, with: #""clientDataJSON":"="#),
      text.replacing(#""clientDataJSON":""#, with: #""clientDataJSON":" "#),
      text.replacing(
        #""clientExtensionResults":{}"#, with: #""clientExtensionResults":\#(nested)"#),
      text.replacing(#"["usb","internal"]"#, with: #"["usb","usb"]"#),
      text.replacing(#"["usb","internal"]"#, with: #"["<script>"]"#),
      text.replacing(#"["usb","internal"]"#, with: #"[""]"#),
      text.replacing(#"["usb","internal"]"#, with: #"["a","b","c","d","e","f","g","h","i"]"#),
    ]
    for (index, bad) in bad.enumerated() {
      #expect(bad != text)
      #expect(code(bad) == .malformed, "\(index)")
    }
    #expect(code(text + String(repeating: " ", count: 65_536)) == .tooLarge)
    #expect(code(text.replacing(#","transports":["usb","internal"]"#, with: "")) == nil)
    let invalid = Array(text.utf8) + [0xFF]
    #expect(
      errorCode {
        _ = try Passkey.register(
          response: invalid, challenge: challenge, relyingParty: party, at: TestNode.now)
      } == .malformed)
  }
}

/// A use as it should be.
private func == (a: PasskeyUse, b: PasskeyUseShape) -> Bool {
  PasskeyUseShape(
    signCount: a.signCount, isUserVerified: a.isUserVerified, isBackedUp: a.isBackedUp) == b
}

private struct PasskeyUseShape: Equatable {
  let signCount: UInt32
  let isUserVerified: Bool
  let isBackedUp: Bool
}
