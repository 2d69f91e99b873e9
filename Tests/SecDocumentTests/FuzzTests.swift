import Crypto
import Foundation
import Primitives
import SecDocument
import Testing

/// Hostile bytes give an error, never a trap, and never another content than the sealed one.
/// `make fuzz` runs Tests/Fuzz/SecFuzz.swift for longer.
@Suite struct FuzzTests {
  /// PEERCHART_SEED repeats a run.
  private static func seed() -> UInt64 {
    let seed =
      ProcessInfo.processInfo.environment["PEERCHART_SEED"].flatMap(UInt64.init)
      ?? UInt64.random(in: 0 ... .max)
    print("SecDocument FuzzTests seed \(seed)")
    return seed
  }

  private func mutate(_ bytes: [UInt8], _ random: SeededRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.below(3) {
      let at = random.below(bytes.count + 1)
      let length = min(random.below(40), bytes.count - at)
      switch random.below(7) {
      case 0: bytes.replaceSubrange(at..<at + length, with: random.bytes(length))
      case 1: bytes.removeSubrange(at..<at + length)
      case 2: bytes.insert(contentsOf: random.bytes(length), at: at)
      case 3: bytes = Array(bytes.prefix(at))
      case 4: bytes += bytes.suffix(length)
      case 5 where at < bytes.count:
        bytes[at] = ([0, 1, 0x7F, 0x80, 0xFF] as [UInt8])[random.below(5)]
      default: if at < bytes.count { bytes[at] ^= UInt8(1 << random.below(8)) }
      }
    }
    return bytes
  }

  @Test func changedDocumentsNeverOpenAsSomethingElse() throws {
    let random = SeededRandom(seed: Self.seed())
    let vectors = try SecVectors()
    let corpus = try vectors.good.filter { !$0.identity.hasPrefix("passphrase") }.map {
      ($0, try #require(Base64.decode($0.file)), try vectors.identity($0.identity))
    }
    var opened = 0
    for _ in 0..<4000 {
      let (vector, file, identity) = corpus[random.below(corpus.count)]
      let changed = mutate(file, random)
      do {
        let (content, document) = try SecReader.open(changed, with: [identity])
        opened += 1
        #expect(Hex.encode(Array(SHA256.hash(data: content))) == vector.contentSHA256)
        #expect(document.digest.description == vector.manifest.documentDigest)
        // Only the proof section may have gone.
        #expect(changed == (document.proof == nil ? Array(file.prefix(changed.count)) : file))
      } catch { #expect(error is PeerChartError) }
      do { _ = try SecFile.inspect(SecBytesSource(changed)) } catch {
        #expect(error is PeerChartError)
      }
    }
    #expect(opened < 400)
  }

  @Test func noiseIsRefused() throws {
    let random = SeededRandom(seed: Self.seed())
    let start = try SecForge().header()
    let identity = try TestKeys.identity(.x25519)
    for _ in 0..<4000 {
      let file =
        Array(start.prefix(random.below(start.count + 1))) + random.bytes(random.below(300))
      #expect(code { try open(file, identity) }?.hasPrefix("sec-") == true)
      #expect(code { _ = try SecFile.inspect(SecBytesSource(file)) }?.hasPrefix("sec-") == true)
      #expect(code { _ = try SignedManifest(bytes: file) }?.hasPrefix("sec-") == true)
    }
  }

  @Test func changedManifestsUnderAGoodSignature() throws {
    // Behind the cipher and the signature, where mutations of the file do not reach.
    let random = SeededRandom(seed: Self.seed())
    var forge = SecForge()
    let header = try forge.header()
    for _ in 0..<4000 {
      var made: [UInt8] = []
      forge.manifestEdit = {
        made = mutate($0, random)
        return made
      }
      let signed = try forge.signed(header: header)
      do {
        let manifest = try SignedManifest(bytes: signed)
        // What parses has one byte form, so nothing of it was overlooked.
        #expect(signed[4..<signed.count - 64].elementsEqual(made))
        #expect(manifest.bytes == signed)
      } catch let error as PeerChartError {
        #expect(["sec-manifest", "sec-signature"].contains(error.code.rawValue))
      }
    }
  }

  @Test func bothWaysOfReadingTheFramesAgree() throws {
    // `inspect` has no keys; it must accept whatever `open` accepts, and the same lengths.
    let random = SeededRandom(seed: Self.seed())
    for _ in 0..<100 {
      let content = random.bytes(random.below(140_000))
      let (file, sealed) = try SecWriter.seal(
        content, draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
        signer: TestKeys.signer(), random: random)
      let summary = try SecFile.inspect(SecBytesSource(file))
      #expect(summary.contentLength == UInt64(content.count))
      #expect(summary.sealedLength == sealed.byteCount)
      #expect(sealed.manifest.contentDigest == naiveTreeHash(content))
    }
  }
}
