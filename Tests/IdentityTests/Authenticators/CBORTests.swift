import Identity
import Primitives
import Testing

@Suite("CBOR as authenticators write it")
struct CBORTests {
  private func code(_ hex: String) -> PeerChartError.Code? {
    errorCode { _ = try CBORReader.read(Hex.decode(hex) ?? []) }
  }

  /// RFC 8949 appendix A, as far as the CTAP2 canonical form reaches.
  @Test("examples of the standard")
  func examples() throws {
    let examples: [(String, CBORValue)] = [
      ("00", .unsigned(0)), ("17", .unsigned(23)), ("1818", .unsigned(24)),
      ("1903e8", .unsigned(1000)), ("1a000f4240", .unsigned(1_000_000)),
      ("1b000000e8d4a51000", .unsigned(1_000_000_000_000)),
      ("1bffffffffffffffff", .unsigned(.max)), ("3bffffffffffffffff", .negative(.max)),
      ("20", .negative(0)), ("3863", .negative(99)), ("f4", .bool(false)), ("f5", .bool(true)),
      ("f6", .null), ("f7", .undefined), ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])),
      ("60", .text("")), ("6449455446", .text("IETF")), ("62c3bc", .text("ü")),
      ("64f0908591", .text("\u{10151}")), ("80", .array([])),
      ("83010203", .array([.unsigned(1), .unsigned(2), .unsigned(3)])),
      ("a0", .map(CBORMap([]))),
      (
        "a26161016162820203",
        .map(
          CBORMap([
            .init(key: .text("a"), value: .unsigned(1)),
            .init(key: .text("b"), value: .array([.unsigned(2), .unsigned(3)])),
          ]))
      ),
    ]
    for (hex, value) in examples {
      let bytes = try #require(Hex.decode(hex))
      #expect(try CBORReader.read(bytes) == value)
      #expect(CBORWriter.write(value) == bytes)
      let (prefix, count) = try CBORReader.readPrefix((bytes + [0xFF])[...])
      #expect(prefix == value)
      #expect(count == bytes.count)
      for end in bytes.indices {
        #expect(errorCode { _ = try CBORReader.read(Array(bytes[..<end])) } == .malformed)
      }
      #expect(code(hex + "00") == .malformed)
    }
  }

  @Test(
    "every other form of the same",
    arguments: [
      "", "1800", "1817", "190018", "1900ff", "1a0000ffff", "1b00000000ffffffff", "5817" + "00",
      "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "bfff", "1c", "1f", "ff",
      "c11a514b67b0", "d82076687474703a", "f90000", "fa47c35000", "fb3ff199999999999a", "f0",
      "f818",
      "f8ff", "62ff00", "61c3", "a2616201616101", "a2616101616102", "a201000100", "a2200001" + "00",
      "a18000", "a1a000", "a14000", "a1f500", "a2626161006162" + "00", "9bffffffffffffffff",
      "bbffffffffffffffff", "5bffffffffffffffff", "7b7fffffffffffffff", "9a00010000",
    ])
  func refused(hex: String) { #expect(code(hex) == .malformed) }

  @Test("bounded")
  func bounds() {
    #expect(code("8181818100") == nil)
    #expect(code("818181818100") == .tooLarge)
    #expect(code(String(repeating: "81", count: 60_000) + "00") == .tooLarge)
    let big = [0x5A, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 65_536)
    #expect(errorCode { _ = try CBORReader.read(big) } == .tooLarge)
  }

  private func value(_ depth: Int, _ generator: inout SeededGenerator) -> CBORValue {
    let number = UInt64.random(
      in: 0...(1 << UInt64.random(in: 1...63, using: &generator)), using: &generator)
    switch Int.random(in: 0..<(depth == 0 ? 7 : 9), using: &generator) {
    case 0: return .unsigned(number)
    case 1: return .negative(number)
    case 2: return .bytes(generator.bytes(Int.random(in: 0...300, using: &generator)))
    case 3: return .text(Hex.encode(generator.bytes(Int.random(in: 0...30, using: &generator))))
    case 4: return .bool(.random(using: &generator))
    case 5: return .null
    case 6: return .undefined
    case 7:
      return .array(
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in value(depth - 1, &generator) })
    default:
      var members: [Int64: CBORValue] = [:]
      for _ in 0..<Int.random(in: 0...5, using: &generator) {
        members[Int64.random(in: -300...300, using: &generator)] = value(depth - 1, &generator)
      }
      return CBORWriter.map(members)
    }
  }

  @Test("what is written is read, and what is read has one form")
  func roundTrip() throws {
    var generator = SeededGenerator(seed: 21)
    var accepted = 0
    for round in 0..<2000 {
      let value = value(4, &generator)
      let bytes = CBORWriter.write(value)
      #expect(try CBORReader.read(bytes) == value, "round \(round)")
      for _ in 0..<5 {
        let bytes = damage(bytes, using: &generator)
        if let read = try? CBORReader.read(bytes) {
          accepted += 1
          #expect(CBORWriter.write(read) == bytes)
        }
      }
    }
    #expect(accepted > 500)
  }
}
