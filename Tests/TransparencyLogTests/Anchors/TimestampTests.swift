import Crypto
import Foundation
import Primitives
import Testing
import TransparencyLog

struct TimestampTests {
  private func random(_ depth: Int, using random: inout SeededGenerator) -> Timestamp {
    var timestamp = Timestamp()
    let count = Int.random(in: depth == 0 ? 1...2 : 0...2, using: &random)
    for _ in 0..<count {
      let attestation: TimestampAttestation =
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .pending("https://calendar\(Int.random(in: 0..<100, using: &random)).example")
        case 1: .bitcoin(UInt64.random(in: 0...(1 << 40), using: &random))
        default:
          .other(
            tag: (0..<8).map { _ in UInt8.random(in: 0...4, using: &random) },
            payload: (0..<Int.random(in: 0..<200, using: &random)).map { _ in 9 })
        }
      timestamp.merge(Timestamp(attestations: [attestation]))
    }
    guard depth > 0 else { return timestamp }
    for _ in 0..<Int.random(in: count == 0 ? 1...3 : 0...3, using: &random) {
      let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let step: TimestampOperation =
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .append(bytes)
        case 1: .prepend(bytes)
        default: .sha256
        }
      timestamp.merge(
        Timestamp(branches: [.init(step, self.random(depth - 1, using: &random))]))
    }
    return timestamp
  }

  private func file(_ timestamp: Timestamp) -> TimestampFile {
    TimestampFile(digest: Hash.leaf([1]), timestamp: timestamp)
  }

  @Test func whatIsWrittenIsRead() throws {
    var random = SeededGenerator()
    for _ in 0..<300 {
      let made = file(self.random(Int.random(in: 0...5, using: &random), using: &random))
      let read = try TimestampFile(parsing: made.bytes)
      #expect(Set(read.attested) == Set(made.attested), "seed \(random.seed)")
      #expect(read.bytes == made.bytes, "seed \(random.seed)")
    }
  }

  @Test func mergingIsAUnion() {
    var random = SeededGenerator()
    for _ in 0..<200 {
      let (a, b) = (self.random(3, using: &random), self.random(3, using: &random))
      var (ab, ba) = (a, b)
      ab.merge(b)
      ba.merge(a)
      #expect(
        Set(file(ab).attested) == Set(file(a).attested).union(file(b).attested),
        "seed \(random.seed)")
      #expect(file(ab).bytes == file(ba).bytes, "seed \(random.seed)")
      var again = ab
      again.merge(a)
      #expect(again == ab, "seed \(random.seed)")
    }
  }

  @Test func hostileFilesNeverTrap() {
    var random = SeededGenerator()
    var accepted = 0
    for _ in 0..<3_000 {
      var input = file(self.random(4, using: &random)).bytes
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let place = Int.random(in: 60..<input.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: input[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: input.remove(at: place)
        default: input.insert(0xFF, at: place)
        }
        guard input.count > 61 else { break }
      }
      if let read = try? TimestampFile(parsing: input) {
        accepted += 1
        #expect(
          (try? TimestampFile(parsing: read.bytes))?.bytes == read.bytes, "seed \(random.seed)")
      }
    }
    #expect(accepted > 100, "seed \(random.seed)")
  }

  @Test func whatIsTooDeepOrTooLongIsRefused() {
    let head = Array(file(Timestamp(attestations: [.bitcoin(1)])).bytes.prefix(65))
    let deep = head + [UInt8](repeating: 0x08, count: 100_000)
    #expect { _ = try TimestampFile(parsing: deep) } throws: {
      ($0 as? PeerChartError)?.code == .tooLarge
    }
    #expect {
      _ = try TimestampFile(parsing: [UInt8](repeating: 0, count: TimestampFile.maximumLength + 1))
    } throws: { ($0 as? PeerChartError)?.code == .tooLarge }
    #expect { _ = try Timestamp(parsing: [UInt8](repeating: 0x08, count: 20_000)) } throws: {
      ($0 as? PeerChartError)?.code == .tooLarge
    }
  }

  /// An upgrade goes where the message is, and nowhere else.
  @Test func anUpgradeIsMergedAtItsMessage() throws {
    let digest = Hash.leaf([2])
    let address = "https://calendar.example"
    var made = TimestampFile(
      digest: digest,
      timestamp: Timestamp(branches: [
        .init(
          .append([1, 2, 3]),
          Timestamp(branches: [
            .init(.sha256, Timestamp(attestations: [.pending(address)]))
          ]))
      ]))
    let waiting = made.waiting(at: [address])
    let message = try #require(waiting.first?.message)
    #expect(waiting.count == 1 && made.waiting(at: ["https://other.example"]).isEmpty)
    let answer = Timestamp(branches: [.init(.sha256, Timestamp(attestations: [.bitcoin(100)]))])
    var unmoved = made
    unmoved.timestamp.merge(answer, about: [0], from: digest.bytes)
    #expect(unmoved == made)
    made.timestamp.merge(answer, about: message, from: digest.bytes)
    let root = Array(SHA256.hash(data: message))
    #expect(made.attested.contains { $0.attestation == .bitcoin(100) && $0.message == root })
  }

  /// The first block of all.
  @Test func headersOfBitcoin() throws {
    let bytes = try #require(
      Hex.decode(
        "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e"
          + "67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"))
    let header = try BitcoinHeader(bytes)
    #expect(header.name == "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")
    #expect(header.time.description == "2009-01-03T18:15:05.000Z")
    #expect(
      Hex.encode(header.merkleRoot.reversed())
        == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b")
    #expect { _ = try BitcoinHeader(bytes + [0]) } throws: {
      ($0 as? PeerChartError)?.code == .malformed
    }
  }
}
