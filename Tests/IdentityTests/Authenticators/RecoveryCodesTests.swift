import Foundation
import Identity
import Primitives
import Testing

@Suite("Recovery codes")
struct RecoveryCodesTests {
  @Test("ten codes, each works once, however it is typed")
  func once() throws {
    var (codes, shown) = try RecoveryCodes.make(random: SystemRandom())
    #expect(codes.remaining == 10)
    #expect(Set(shown).count == 10)
    let texts = shown.map(\.exposed)
    for text in texts {
      #expect(text.wholeMatch(of: /[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}/) != nil)
    }
    let typed = [
      texts[0], texts[1].lowercased(), texts[2].replacing("-", with: " "),
      texts[3].replacing("-", with: ""), " \(texts[4]) ",
      texts[5].replacing("0", with: "o").replacing("1", with: "L"),
    ]
    for (index, text) in typed.enumerated() {
      let first = codes.use(text)
      #expect(first)
      #expect(codes.remaining == 9 - index)
      let second = codes.use(texts[index])
      #expect(!second)
    }
    #expect(codes.remaining == 4)
  }

  @Test("nothing else is a code, and costs nothing")
  func refused() throws {
    var (codes, shown) = try RecoveryCodes.make(random: SeededRandom(seed: 1))
    let text = shown[0].exposed
    let bad = [
      "", "-", String(text.dropLast()), text + "A", text + "\n", String(text.reversed()),
      "UUUU-UUUU-UUUU",
      text + String(repeating: " ", count: 100), "AAAAAAAAAAAA", "é" + text.dropFirst(),
    ]
    for text in bad {
      let isUsed = codes.use(text)
      #expect(!isUsed)
    }
    #expect(codes.remaining == 10)
    RecoveryCodes.spend(text)
  }

  @Test("stored as hashes with one salt")
  func stored() throws {
    var (codes, shown) = try RecoveryCodes.make(random: SeededRandom(seed: 2))
    _ = codes.use(shown[9].exposed)
    let data = try JSONEncoder().encode(codes)
    var read = try JSONDecoder().decode(RecoveryCodes.self, from: data)
    #expect(read == codes)
    let text = String(decoding: data, as: UTF8.self)
    var dumped = "\(codes)"
    dump(codes, to: &dumped)
    for code in shown {
      #expect(!text.contains(code.exposed))
      #expect(!text.contains(Base64URL.encode(Array(code.exposed.replacing("-", with: "").utf8))))
      #expect(!dumped.contains(code.exposed))
    }
    let uses = [read.use(shown[9].exposed), read.use(shown[0].exposed)]
    #expect(uses == [false, true])
    for bad in [
      text.replacing(#""memory":19456"#, with: #""memory":4000000000"#),
      text.replacing(#""salt":""#, with: #""salt":"AAAA"#),
      text.replacing(#""tags":[""#, with: #""tags":["A"#),
    ] {
      #expect(bad != text)
      #expect(throws: PeerChartError.self) {
        try JSONDecoder().decode(RecoveryCodes.self, from: Data(bad.utf8))
      }
    }
  }
}
