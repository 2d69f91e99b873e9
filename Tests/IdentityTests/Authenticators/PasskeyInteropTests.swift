import Foundation
import Identity
import Primitives
import TestSupport
import Testing

/// Tests/Interop/passkeys.py is an authenticator and a relying party made of PyPI's `fido2`.
@Suite(
  .enabled(
    if: OtherAuthenticator.isAvailable,
    "needs a Python with `fido2`; PEERCHART_PYTHON names the interpreter"))
struct PasskeyInteropTests {
  @Test(
    "another authenticator understands the questions, and its answers hold",
    arguments: ["ES256", "EdDSA", "RS256"], ["none", "packed"])
  func ceremonies(algorithm: String, attestation: String) async throws {
    let challenges = [
      PasskeyChallenge(random: SystemRandom()), PasskeyChallenge(random: SystemRandom()),
    ]
    let party = try #require(SoftAuthenticator.party)
    let user = try PasskeyCreation.User(handle: [4, 2], name: "ana", displayName: "Ana")
    let answers = try await OtherAuthenticator.answer(
      creation: PasskeyCreation.optionsJSON(
        challenge: challenges[0], relyingParty: party, user: user),
      request: PasskeyRequest.optionsJSON(challenge: challenges[1], relyingParty: party),
      algorithm: algorithm, attestation: attestation)

    func register(_ json: [UInt8]) throws(PeerChartError) -> Passkey {
      try Passkey.register(
        response: json, challenge: challenges[0], relyingParty: party, at: TestNode.now)
    }
    let passkey = try register(answers.registration)
    #expect(passkey.attestation == (attestation == "none" ? .none : .itself))
    #expect(passkey.isBackupEligible && !passkey.isBackedUp)
    #expect(passkey.signCount == 5)
    func use(_ json: [UInt8]) throws(PeerChartError) -> PasskeyUse {
      try passkey.verify(
        assertion: json, challenge: challenges[1], relyingParty: party, userHandle: [4, 2])
    }
    let first = try use(answers.assertion)
    #expect(first.signCount == 6)
    #expect(first.isBackedUp)

    // Whatever we let pass must pass there too. The other way round we may be stricter.
    var passed = 0
    for (index, item) in answers.damaged.enumerated() {
      let isOurs =
        item.isAssertion
        ? (try? use(item.response)) != nil : (try? register(item.response)) != nil
      #expect(!isOurs || item.accepted, "damaged \(index)")
      passed += isOurs ? 1 : 0
      // A registration with no statement is signed by nobody: a flag or a counter may change.
      if item.isAssertion || attestation == "packed" { #expect(!isOurs, "damaged \(index)") }
    }
    #expect(answers.damaged.count == 2 * OtherAuthenticator.copies)
    #expect(attestation == "packed" || passed > 0)
  }
}

private enum OtherAuthenticator {
  static let copies = 120
  private static let interpreter =
    ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] ?? "python3"

  struct Answers {
    struct Damaged {
      let isAssertion: Bool
      let response: [UInt8]
      let accepted: Bool
    }
    let registration: [UInt8]
    let assertion: [UInt8]
    let damaged: [Damaged]
  }

  static let isAvailable =
    (try? ChildProcess.run(interpreter, ["-c", "import fido2.server"]))?.status == 0

  static func answer(
    creation: [UInt8], request: [UInt8], algorithm: String, attestation: String
  ) async throws -> Answers {
    let asked: [String: Any] = [
      "creation": try JSONSerialization.jsonObject(with: Data(creation)),
      "request": try JSONSerialization.jsonObject(with: Data(request)),
      "origin": "https://chart.example:8443", "algorithm": algorithm,
      "attestation": attestation, "damaged": copies, "seed": 41,
    ]
    let script = WebAuthnVectors.folder.appending(path: "Interop/passkeys.py")
    let (status, output) = try await ChildProcess.run(
      interpreter, [script.path()], input: try JSONSerialization.data(withJSONObject: asked))
    let read = try JSONSerialization.jsonObject(with: output) as? [String: Any]
    let answers = try #require(read)
    #expect(status == 0)
    func json(_ value: Any?) throws -> [UInt8] {
      Array(try JSONSerialization.data(withJSONObject: try #require(value)))
    }
    let damaged = try #require(answers["damaged"] as? [[String: Any]])
    return Answers(
      registration: try json(answers["registration"]), assertion: try json(answers["assertion"]),
      damaged: try damaged.map {
        Answers.Damaged(
          isAssertion: $0["kind"] as? String == "assertion", response: try json($0["response"]),
          accepted: $0["accepted"] as? Bool ?? false)
      })
  }
}
