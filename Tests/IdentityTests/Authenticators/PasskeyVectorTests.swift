import Identity
import Primitives
import Testing

@Suite("Test vectors of WebAuthn level 3, section 16")
struct PasskeyVectorTests {
  private let party: RelyingParty
  private let all: [WebAuthnVectors.Vector]

  init() throws {
    let file = try WebAuthnVectors.load()
    party = try RelyingParty(id: file.relyingPartyID, name: "", origins: [file.origin])
    all = file.vectors
  }

  private func register(
    _ vector: WebAuthnVectors.Vector, _ verification: UserVerification = .preferred
  ) throws -> Passkey {
    try Passkey.register(
      response: try vector.created(), challenge: try vector.registration.question(),
      relyingParty: party, verification: verification, at: TestNode.now)
  }

  private func use(
    _ vector: WebAuthnVectors.Vector, of passkey: Passkey,
    _ verification: UserVerification = .preferred
  ) throws -> PasskeyUse {
    try passkey.verify(
      assertion: try vector.used(), challenge: try vector.authentication.question(),
      relyingParty: party, verification: verification)
  }

  @Test("both ceremonies hold")
  func good() throws {
    let expected: [String: (Passkey.Attestation, PasskeyPublicKey.Algorithm)] = [
      "16.2": (.none, .es256), "16.3": (.itself, .es256), "16.7": (.certificate, .es256),
      "16.10": (.certificate, .rs256), "16.11": (.certificate, .edDSA),
    ]
    var seen = 0
    for vector in all {
      guard let (attestation, algorithm) = expected[vector.section] else { continue }
      let passkey = try register(vector)
      #expect(passkey.attestation == attestation, "\(vector)")
      #expect(passkey.publicKey.algorithm == algorithm, "\(vector)")
      #expect(Hex.encode(passkey.credentialID) == vector.credentialID, "\(vector)")
      #expect(Hex.encode(passkey.aaguid) == vector.aaguid, "\(vector)")
      let use = try use(vector, of: passkey)
      #expect(use.signCount == 0)
      seen += 1
    }
    #expect(seen == expected.count)
  }

  /// The vectors set the flag at random.
  @Test("who was not verified is refused where that is required")
  func verification() throws {
    var counts = [0, 0, 0, 0]
    for vector in all {
      guard let passkey = try? register(vector) else { continue }
      let strict = errorCode { _ = try register(vector, .required) }
      let use = try use(vector, of: passkey)
      let strictUse = errorCode { _ = try self.use(vector, of: passkey, .required) }
      #expect(strict == nil || strict == .unauthenticated)
      #expect(strictUse == (use.isUserVerified ? nil : .unauthenticated))
      counts[strict == nil ? 0 : 1] += 1
      counts[strictUse == nil ? 2 : 3] += 1
    }
    #expect(counts == [3, 2, 1, 4])
  }

  @Test("pages that somebody else frames are refused", arguments: ["16.4", "16.5"])
  func framed(section: String) throws {
    let vector = try #require(all.first { $0.section == section })
    let error = #expect(throws: PeerChartError.self) { try register(vector) }
    #expect(error?.code == .unauthenticated)
    #expect(error?.place == "clientDataJSON")
  }

  @Test("one vector's answer does not serve another's question")
  func swapped() throws {
    let passkeys = all.compactMap { vector in (try? register(vector)).map { (vector, $0) } }
    for (vector, _) in passkeys {
      for (other, passkey) in passkeys where other.section != vector.section {
        #expect(errorCode { _ = try use(vector, of: passkey) } == .unauthenticated)
      }
    }
  }
}
