import Foundation
import Identity
import Primitives
import Testing

@Suite("What is kept of a password")
struct PasswordHashTests {
  private let password = Redacted("Grüße, four plain words")

  @Test("the right password and no other, with OWASP's cost and a salt of its own")
  func matches() throws {
    let hash = try PasswordHash.make(password, random: SeededRandom(seed: 1))
    #expect(hash.text.exposed.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
    #expect(hash.matches(password))
    #expect(!hash.isOutdated)
    for other in ["", "grüße, four plain words", "Grüße, four plain words ", "Grusse"] {
      #expect(!hash.matches(Redacted(other)))
    }
    let again = try PasswordHash.make(password, random: SeededRandom(seed: 2))
    #expect(again != hash)
    PasswordHash.spend(password)
  }

  @Test("one password however a keyboard encodes it")
  func normalized() throws {
    let hash = try PasswordHash.make(
      Redacted("caf\u{E9} \u{FB01}ve \u{FF21}"), random: SystemRandom())
    #expect(hash.matches(Redacted("cafe\u{301} five A")))
    #expect(!hash.matches(Redacted("cafe five A")))
  }

  @Test("1 to 1024 bytes")
  func length() throws {
    let longest = String(repeating: "é", count: 512)
    #expect(
      try PasswordHash.make(Redacted(longest), random: SystemRandom()).matches(.init(longest)))
    for bad in ["", longest + "e"] {
      #expect(
        errorCode { _ = try PasswordHash.make(Redacted(bad), random: SystemRandom()) } == .invalid)
    }
  }

  /// Made by `argon2-cffi` 25.1 (libargon2's own test vectors have salts shorter than we take).
  @Test("hashes of another program", arguments: foreign)
  func otherPrograms(text: String, isOutdated: Bool) throws {
    let hash = try #require(PasswordHash(text))
    #expect(hash.text.exposed == text)
    #expect(hash.matches(Redacted("correct horse battery staple")))
    #expect(!hash.matches(Redacted("correct horse battery stable")))
    #expect(hash.isOutdated == isOutdated)
  }

  private static let foreign = [
    (
      "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$iqbHhgtqJMWWf23kIatRWniYNRyhFWif/l6I+m/2Exw",
      false
    ),
    (
      "$argon2id$v=19$m=65536,t=3,p=4$YW5vdGhlcnNhbHRvZm91cnM$lH+F/PxzsOjp41R/qieU7NOpvrcDV493GbHk0I90NAc",
      false
    ),
    (
      "$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHQ$X7OtIlVZNq0CZZKrrDQnaw",
      true
    ),
    (
      "$argon2id$v=19$m=47104,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$O+TSS75KibetDBSfWz3iV7TX5JJ4LAIHyopxGzCKt2I",
      false
    ),
    (
      "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyEhIQ$PY6Cq+UOz6Vhs8/os2jyJw",
      true
    ),
  ]

  @Test("anything else is no hash")
  func strict() throws {
    let good = try PasswordHash.make(password, random: SeededRandom(seed: 3)).text.exposed
    #expect(PasswordHash(good) != nil)
    let bad = [
      "", "$", String(good.dropFirst()), good + "$", good + "=", good.uppercased(),
      good.replacing("argon2id", with: "argon2i"), good.replacing("v=19", with: "v=16"),
      good.replacing("m=19456", with: "m=1048577"), good.replacing("m=19456", with: "m=7"),
      good.replacing("m=19456", with: "m=+19456"), good.replacing("m=19456", with: "m=019456"),
      good.replacing("t=2", with: "t=0"), good.replacing("t=2", with: "t=17"),
      good.replacing("p=1", with: "p=5"), good.replacing("t=2,p=1", with: "p=1,t=2"),
      good.replacing(",p=1", with: ""), String(good.dropLast(30)), good + String(good.suffix(43)),
    ]
    for text in bad { #expect(PasswordHash(text) == nil) }
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<2000 {
      let text = String(decoding: damage(Array(good.utf8), using: &generator), as: UTF8.self)
      if let hash = PasswordHash(text) { #expect(hash.text.exposed == text) }
    }
  }

  @Test("is stored as its text, and shows itself to nobody")
  func stored() throws {
    let hash = try PasswordHash.make(password, random: SeededRandom(seed: 5))
    let data = try JSONEncoder().encode([hash])
    #expect(try JSONDecoder().decode([String].self, from: data) == [hash.text.exposed])
    #expect(try JSONDecoder().decode([PasswordHash].self, from: data) == [hash])
    #expect(throws: PeerChartError.self) {
      try JSONDecoder().decode([PasswordHash].self, from: Data(#"["$argon2id$"]"#.utf8))
    }
    var dumped = "\(hash)"
    dump(hash, to: &dumped)
    #expect(!dumped.contains(hash.text.exposed.suffix(20)))
  }
}
