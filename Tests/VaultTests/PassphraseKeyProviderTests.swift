import Primitives
import Testing
import Vault

/// The root 00 01 … 1F under "correct horse" (Argon2id 8 MiB, 1 pass), computed by another program.
private let vector = """
  peerchart root key, version 1
  argon2id m=8192 t=1 p=1 salt=AAECAwQFBgcICQoLDA0ODw
  generation 1 AQAAAAAQERITFBUWFxgZGhvQMw4r0u8_ZE0r42XTuCVVEK6eo9yMrvJD9yrmGxxmqv-Qgmyhsa9CzEM_EaO44qk
  check 9eecbd7b0da29757

  """

private let context = KeyContext(purpose: .chartKey, slot: 7, generation: 1)

@Suite("The root key under a passphrase")
struct PassphraseKeyProviderTests {
  let random = SystemRandom()
  let files = CrashingFiles()

  private func secret(_ text: String) -> SecretBytes { SecretBytes(copying: text.utf8) }

  private func cheap() throws -> PassphraseParameters {
    try PassphraseParameters(memory: 8192, passes: 1, lanes: 1, random: random)
  }

  private func open(_ passphrase: String) throws -> PassphraseKeyProvider {
    try PassphraseKeyProvider(
      path: "/k", passphrase: secret(passphrase), random: random, files: files)
  }

  @Test("opens what another implementation of the page wrote")
  func knownAnswer() throws {
    files["/k"] = Array(vector.utf8)
    let provider = try open("correct horse")
    files["/plain"] = checked([
      "peerchart root key, version 1", "generation 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    ])
    let plain = try FileKeyProvider(path: "/plain", random: random, files: files)
    let key = SecretBytes(random: random, count: 32)
    let wrapped = try plain.wrap(key, context: context, generation: 1)
    #expect(try provider.unwrap(wrapped, context: context) == key)
  }

  @Test("a wrong passphrase is told apart from a damaged file")
  func wrong() throws {
    files["/k"] = Array(vector.utf8)
    #expect(errorCode { _ = try open("correct horsf") } == .unauthenticated)
    #expect(errorCode { _ = try open("") } == .invalid)
    #expect(errorCode { _ = try open(String(repeating: "x", count: 1025)) } == .invalid)
    for (place, bytes) in flips(of: Array(vector.utf8)) {
      files["/k"] = bytes
      let code = errorCode { _ = try open("correct horse") }
      #expect(
        code == .integrity || code == .unsupportedVersion || code == .malformed, "byte \(place)")
    }
  }

  @Test("costs out of bounds are refused before they are paid, though the checksum fits")
  func bounds() throws {
    for costs in [
      "m=2097152 t=1 p=1", "m=4096 t=1 p=1", "m=8192 t=17 p=1", "m=8192 t=0 p=1", "m=8192 t=1 p=5",
      "m=8192 t=1 p=0", "m=4294967295 t=4294967295 p=16777215",
    ] {
      files["/k"] = checked([
        "peerchart root key, version 1", "argon2id \(costs) salt=AAECAwQFBgcICQoLDA0ODw",
        "generation 1 AQAAAAAQERITFBUWFxgZGhvQMw4r0u8_ZE0r42XTuCVVEK6eo9yMrvJD9yrmGxxmqv-Qgmyhsa9CzEM_EaO44qk",
      ])
      #expect(errorCode { _ = try open("correct horse") } == .invalid, "\(costs)")
    }
    for costs in ["m=8193 t=1 p=1", "m=8192 t=2 p=1", "m=8192 t=1 p=2"] {
      files["/k"] = checked([
        "peerchart root key, version 1", "argon2id \(costs) salt=AAECAwQFBgcICQoLDA0ODw",
        "generation 1 AQAAAAAQERITFBUWFxgZGhvQMw4r0u8_ZE0r42XTuCVVEK6eo9yMrvJD9yrmGxxmqv-Qgmyhsa9CzEM_EaO44qk",
      ])
      #expect(errorCode { _ = try open("correct horse") } == .unauthenticated, "\(costs)")
    }
  }

  @Test("a provider for the other kind of file says so")
  func otherKind() throws {
    files["/k"] = Array(vector.utf8)
    #expect(
      errorCode { _ = try FileKeyProvider(path: "/k", random: random, files: files) } == .invalid)
    _ = try FileKeyProvider.create(path: "/plain", random: random, files: files)
    #expect(
      errorCode {
        _ = try PassphraseKeyProvider(
          path: "/plain", passphrase: secret("x"), random: random, files: files)
      } == .invalid)
  }

  @Test("by default 64 MiB and three passes, written in the file")
  func recommended() throws {
    _ = try PassphraseKeyProvider.create(
      path: "/k", passphrase: secret("correct horse"), random: random, files: files)
    let text = String(decoding: files["/k"] ?? [], as: UTF8.self)
    #expect(text.contains("\nargon2id m=65536 t=3 p=1 salt="))
    #expect(try open("correct horse").generations() == [1])
  }

  @Test("changing the passphrase keeps the roots, closes to the old one, and survives every stop")
  func change() throws {
    for losingUnsynced in [false, true] {
      var step = 0
      while true {
        files["/k"] = nil
        let provider = try PassphraseKeyProvider.create(
          path: "/k", passphrase: secret("old"), parameters: cheap(), random: random, files: files)
        #expect(try provider.stage(after: 1) == 2)
        let key = SecretBytes(random: random, count: 32)
        let wrapped = try provider.wrap(key, context: context, generation: 2)
        files.crash(atStep: step)
        let finished = (try? provider.change(to: secret("new"), parameters: cheap())) != nil
        files.reboot(losingUnsynced: losingUnsynced)
        let working = ["old", "new"].filter { (try? open($0)) != nil }
        #expect(working.count == 1)
        #expect(try open(working.first ?? "").unwrap(wrapped, context: context) == key)
        if finished {
          #expect(working == ["new"])
          #expect(errorCode { _ = try open("old") } == .unauthenticated)
          #expect(try provider.stage(after: 2) == 3)
          #expect(try open("new").generations() == [1, 2, 3])
          break
        }
        step += 1
      }
      #expect(step >= 6)
    }
  }

  @Test("a process that still has the old passphrase writes nothing after the change")
  func staleProcess() throws {
    let stale = try PassphraseKeyProvider.create(
      path: "/k", passphrase: secret("old"), parameters: cheap(), random: random, files: files)
    try open("old").change(to: secret("new"), parameters: cheap())
    #expect(errorCode { _ = try stale.stage(after: 1) } == .conflict)
    #expect(try open("new").generations() == [1])
  }
}
