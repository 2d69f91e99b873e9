import Identity
import Primitives
import Testing

@Suite("Which passwords an account may have")
struct PasswordPolicyTests {
  private func fault(_ text: String, _ personal: [String] = []) -> PasswordFault? {
    PasswordPolicy.fault(of: Redacted(text), personal: personal)
  }

  @Test("twelve characters of any kind and no other rule")
  func good() throws {
    let good = [
      "vq7mxwz0ktpe", "four plain words here", "ONLYCAPITALSBADGER", "correcthorsebattery",
      "8206719354026", "ñandú y después", "パスワードではない言葉です", "🦊 under the old 🚲",
      "horse83610429", "$argon2id$v=19", "it's raining again",
    ]
    for text in good {
      #expect(fault(text) == nil, "\(text)")
      try PasswordPolicy.check(Redacted(text), personal: [])
    }
  }

  @Test("length counts Unicode scalars of the normal form")
  func length() {
    #expect(fault("vq7mxwz0ktp") == .tooShort)
    #expect(fault("") == .tooShort)
    // Eleven letters and a combining accent are eleven characters.
    #expect(fault("vq7mxwz0kte\u{301}") == .tooShort)
    #expect(fault(String(repeating: "k7", count: 512) + "x") == .tooLong)
    let long = String(SeededRandom(seed: 1).bytes(1024).map { Character(.init(97 + $0 % 26)) })
    #expect(fault(long) == nil)
  }

  @Test(
    "common ones, dressed up as people do",
    arguments: [
      "password1234", "Password123!", "P@ssw0rd2024", "passw0rd!!!!", "!!sunshine!!",
      "iloveyou1234", "football2019", "basketball12", "Passwordpassword1",
      "monkey123456", "superman9999", "princess2008", "jennifer1987",
      "$unshine1234", "elizabeth1953", "washington99", "Massachusetts", "understanding",
      "unbelievable", "charlie111111", "liverpool2005", "starwars1977",
    ])
  func common(text: String) { #expect(fault(text) == .common) }

  @Test(
    "little but runs, or the same again",
    arguments: [
      "123456789012", "aaaaaaaaaaaa", "abcdefghijkl", "qwertyuiop12", "QWERTZUIOPas",
      "abcabcabcabc", "abcdef123456", "zyxwvutsrqpo", "k7k7k7k7k7k7k7", "xq9vm2xq9vm2",
      "111222333444", "passwordpassword", "trustno1trustno1", "asdfghjkl123", "love1234567890",
    ])
  func repetitive(text: String) { #expect(fault(text) == .repetitive) }

  @Test(
    "the account's own names",
    arguments: [
      "MariaQuispe1984", "quispe-maria-99", "m4r1aqu15pe!!", "maria.quispe@h", "kvnelhospital",
      "peerchart1984",
    ])
  func personal(text: String) {
    let names = ["María Quispe", "Maria Quispe", "maria.quispe@kvnel.example", "Kvnel Hospital"]
    #expect(fault(text, names) == .personal)
    #expect(fault("maria likes tall grey herons", names) == nil)
  }

  @Test("characters that may not survive another device")
  func unstable() {
    #expect(fault("vq7mxwz0ktpe\n") == .unstable)
    #expect(fault("vq7mxwz0ktpe\u{0378}") == .unstable)
    #expect(fault("vq7mxwz0ktpe\u{E000}") == .unstable)
  }

  @Test("a refusal names the rule and nothing of the password")
  func refusal() {
    for text in ["mouse", "password1234", "aaaaaaaaaaaa", "MariaQuispe1984"] {
      let error = #expect(throws: PeerChartError.self) {
        try PasswordPolicy.check(Redacted(text), personal: ["Maria Quispe"])
      }
      #expect(error?.code == .invalid)
      #expect(error?.place.flatMap(PasswordFault.init) != nil)
      #expect(error?.description.contains(text) == false)
    }
    #expect(Set(PasswordFault.allCases.map(\.advice)).count == PasswordFault.allCases.count)
  }

  /// One word in 65,536 is taken for a common one by chance, three spellings are tried.
  @Test("random passwords are let through")
  func random() {
    var generator = SeededGenerator(seed: 11)
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    var refused = 0
    for _ in 0..<20_000 {
      let text = String((0..<14).map { _ in letters.randomElement(using: &generator) ?? "a" })
      if fault(text) != nil { refused += 1 }
    }
    #expect(refused <= 6)
  }

  @Test("any text has an answer")
  func hostile() {
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<3000 {
      let bytes = generator.bytes(Int.random(in: 0...80, using: &generator))
      let scalars = (0..<Int.random(in: 0...40, using: &generator)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator))
      }
      let texts = [
        String(decoding: bytes, as: UTF8.self), String(String.UnicodeScalarView(scalars)),
      ]
      for text in texts {
        let first = fault(text, texts)
        #expect(first == fault(text, texts))
        if text.utf8.count > 1024 { #expect(first == .tooLong) }
      }
    }
    // U+FDFA grows eighteenfold, so 1023 bytes become a text of 6138 characters that repeats itself.
    #expect(fault(String(repeating: "\u{FDFA}", count: 341)) == nil)
  }
}
