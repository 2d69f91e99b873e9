import Foundation
import Identity
import Primitives
import TestSupport
import Testing

/// Tests/Interop/check_jose.py speaks for `joserfc`, `jwcrypto` and `authlib`.
@Suite(
  "Signed texts of other libraries",
  .enabled(
    if: JOSEChecker.isAvailable,
    "needs a Python with joserfc, jwcrypto and authlib; PEERCHART_PYTHON names the interpreter"))
struct JOSEInteropTests {
  @Test("what others sign is accepted, and their keys have the same thumbprints")
  func theirs() async throws {
    struct Made: Decodable {
      struct Case: Decodable {
        let library: String
        let algorithm: String
        let jwk: String
        let thumbprint: String
        let token: String
      }
      let cases: [Case]
    }
    let made = try JSONDecoder().decode(
      Made.self, from: await JOSEChecker.run(["make"], input: ""))
    #expect(made.cases.count == 10)
    for made in made.cases {
      let key = try JSONWebKeyTests.key(made.jwk)
      #expect(key.thumbprint == made.thumbprint)
      let assertion = try ClientAssertion(
        verifying: made.token, clientID: "app", keys: JWKSet([key]),
        audiences: [TestServer.token], at: TestServer.now)
      #expect(assertion.algorithm.rawValue == made.algorithm, "\(made.library)")
    }
  }

  @Test("what we sign is accepted by others, and so is what we tell of ourselves")
  func ours() async throws {
    let random = SystemRandom()
    let first = try SigningKeyRing(random: random, at: TestServer.now)
    let ring = try first.rotated(random: random, at: TestServer.now)
    let access = try TestServer.claims(scope: "openid patient/*.rs")
      .signed(by: first.current)
    let identity = try IDTokenClaims(
      issuer: TestServer.issuer, subject: "user-1", clientID: "app", nonce: "n-1",
      authentication: AuthenticationContext(time: TestServer.now, level: nil, methods: ["hwk"]),
      fhirUser: nil, at: TestServer.now
    ).signed(by: ring.identity, accessToken: access)
    let keys = try ring.published(at: TestServer.now)
    let server = ServerMetadata(issuer: TestServer.issuer, fhirBase: TestServer.base)
    let input = try json([
      "jwks": object(keys.serialized), "tokens": [access.exposed, identity.exposed],
      "verifier": TestServer.verifier, "metadata": object(server.authorizationServer),
    ])
    let report = try object(Array(await JOSEChecker.run(["check"], input: input)))
    #expect(report["failures"] as? [String] == [])
    #expect(report["challenge"] as? String == TestServer.challenge)
    #expect(report["thumbprints"] as? [String] == keys.keys.map(\.thumbprint))
    let read = try #require(report["claims"] as? [[String: Any]])
    #expect(read.count == 2)
    #expect(read.first?["scope"] as? String == "openid patient/*.rs")
    #expect(read.last?["nonce"] as? String == "n-1")
  }
}

enum JOSEChecker {
  static let interpreter = ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] ?? "python3"
  static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Interop/check_jose.py")

  static let isAvailable =
    (try? ChildProcess.run(interpreter, ["-c", "import joserfc, jwcrypto, authlib"]))?.status == 0

  static func run(
    _ arguments: [String], input: String, script: URL = script
  ) async throws -> Data {
    let (status, output) = try await ChildProcess.run(
      interpreter, [script.path()] + arguments, input: Data(input.utf8))
    guard status == 0 else { throw PeerChartError(.invalid, "the checker ended with \(status)") }
    return output
  }
}
