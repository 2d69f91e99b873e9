import Crypto
import Foundation
import Primitives
import TestSupport
import Testing
import TransparencyLog

/// Against `openssl ts`: what it stamps we verify, and what is wrong with a stamp we say.
@Suite(.enabled(if: TimeStampFolder.isPossible, "\(TimeStampFolder.absence)"))
struct TimeStampTests {
  private let digest = Hash.leaf([1, 2, 3])
  private let nonce: [UInt8] = [0xFF, 1, 2, 3, 4, 5, 6, 7]

  private func anchor(of authority: TimeStampFolder) throws -> [UInt8] {
    try #require(try TimeStampAuthority.readTrusted(pem: try authority.read("ca.crt")).first)
  }

  private func code(_ body: () async throws -> Void) async -> PeerChartError.Code? {
    do { try await body() } catch { return (error as? PeerChartError)?.code }
    return nil
  }

  @Test(arguments: ["ec", "rsa"], ["sha256", "sha512"])
  func aGoodStampIsGood(key: String, hash: String) async throws {
    let authority = try TimeStampFolder(key: key, hash: hash)
    let request = TimeStampRequest(digest: digest, nonce: nonce)
    let token = try TimeStampToken(reply: try authority.stamp(try request.bytes))
    let stamp = try await token.verify(digest, nonce: nonce, trusted: [try anchor(of: authority)])
    #expect(stamp.policy == "1.3.6.1.4.1.99999.1")
    #expect(stamp.authority.contains("Stamps"))
    #expect(stamp.accuracy == 1000)
    #expect(
      abs(stamp.time.millisecondsSinceEpoch - SystemClock().now().millisecondsSinceEpoch) < 600_000)
    // Kept without its nonce, and read again.
    let again = try TimeStampToken(parsing: token.bytes)
    #expect(
      try await again.verify(digest, nonce: nil, trusted: [try anchor(of: authority)]) == stamp)
    #expect(try TimeStampToken(reply: try again.reply).bytes == token.bytes)
  }

  @Test func ourReplyIsReadByOpenSSL() async throws {
    let authority = try TimeStampFolder()
    let text = Array("what was stamped\n".utf8)
    let stamped = Hash(SHA256.hash(data: text))
    let request = TimeStampRequest(digest: stamped, nonce: nonce)
    let token = try TimeStampToken(reply: try authority.stamp(try request.bytes))
    try authority.write("text", text)
    try authority.write("reply.tsr", try token.reply)
    let outcome = try authority.openssl([
      "ts", "-verify", "-data", "text", "-in", "reply.tsr", "-CAfile", "ca.crt",
    ])
    #expect(outcome.status == 0 && outcome.output.contains("Verification: OK"), "\(outcome.output)")
  }

  @Test func aWrongStampIsRefused() async throws {
    let authority = try TimeStampFolder()
    let other = try TimeStampFolder()
    let root = try anchor(of: authority)
    let request = TimeStampRequest(digest: digest, nonce: nonce)
    let reply = try authority.stamp(try request.bytes)
    let token = try TimeStampToken(reply: reply)
    let good: PeerChartError.Code? = nil
    #expect(
      await code { _ = try await token.verify(digest, nonce: nonce, trusted: [root]) } == good)
    // Another digest, another request, another authority, none.
    #expect(
      await code { _ = try await token.verify(.emptyTree, nonce: nonce, trusted: [root]) }
        == .integrity)
    #expect(
      await code { _ = try await token.verify(digest, nonce: [1], trusted: [root]) } == .integrity)
    #expect(
      await code {
        _ = try await token.verify(digest, nonce: nonce, trusted: [try anchor(of: other)])
      }
        == .integrity)
    #expect(
      await code { _ = try await token.verify(digest, nonce: nonce, trusted: []) } == .integrity)
    // A refusal, and nonsense.
    let refusal: [UInt8] = [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02]
    #expect(await code { _ = try TimeStampToken(reply: refusal) } == .forbidden)
    #expect(await code { _ = try TimeStampToken(reply: []) } == .malformed)
    #expect(
      await code {
        _ = try TimeStampToken(
          reply: [UInt8](repeating: 0x30, count: TimeStampToken.maximumLength + 1))
      } == .tooLarge)
  }

  /// The signer's certificate must be for stamping, and for nothing else.
  @Test(arguments: ["serverAuth", "timeStamping,serverAuth"])
  func aCertificateForOtherThingsIsRefused(usage: String) async throws {
    let authority = try TimeStampFolder(otherUsage: usage)
    let request = TimeStampRequest(digest: digest, nonce: nonce)
    let reply = try authority.forge(try request.bytes)
    let token = try TimeStampToken(reply: reply)
    #expect(
      await code {
        _ = try await token.verify(digest, nonce: nonce, trusted: [try anchor(of: authority)])
      }
        == .integrity)
  }

  /// No byte of a reply can be another without being noticed, but in what nothing covers: there the
  /// outcome stays as it was.
  @Test func everyByteCounts() async throws {
    var random = SeededGenerator()
    let authority = try TimeStampFolder()
    let root = try anchor(of: authority)
    let request = TimeStampRequest(digest: digest, nonce: nonce)
    let reply = try authority.stamp(try request.bytes)
    let expected = try await TimeStampToken(reply: reply).verify(
      digest, nonce: nonce, trusted: [root])
    var refused = 0
    for _ in 0..<2_000 {
      var changed = reply
      let place = Int.random(in: 0..<changed.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: changed[place] = UInt8(truncatingIfNeeded: random.next())
      default: changed.remove(at: place)
      }
      do {
        let stamp = try await TimeStampToken(reply: changed).verify(
          digest, nonce: nonce, trusted: [root])
        #expect(stamp == expected, "seed \(random.seed)")
      } catch { refused += 1 }
    }
    #expect(refused > 1_500, "seed \(random.seed)")
  }
}
