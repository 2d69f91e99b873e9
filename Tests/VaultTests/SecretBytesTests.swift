import Crypto
import Testing
import Vault

@Suite("Secrets in memory")
struct SecretBytesTests {
  @Test("are never printed")
  func silence() {
    let secret = SecretBytes(copying: Array("hunter22".utf8))
    let key = DataKey(
      slot: 1, generation: 2, secret: SecretBytes(copying: Array(repeating: 7, count: 32)))
    var dumped = ""
    dump(secret, to: &dumped)
    dump(key, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), dumped, "\(key)", "\([secret])"] {
      #expect(!text.contains("hunter22"))
      #expect(!text.contains("104"))
      #expect(!text.contains("7, 7"))
    }
    #expect("\(secret)" == "<secret>")
  }

  @Test("compare, convert, and empty their source")
  func moves() {
    var bytes: [UInt8] = [1, 2, 3]
    let secret = SecretBytes(consuming: &bytes)
    #expect(bytes.isEmpty)
    #expect(secret.exposed == [1, 2, 3])
    #expect(secret == SecretBytes(copying: [1, 2, 3]))
    #expect(secret != SecretBytes(copying: [1, 2, 4]))
    #expect(secret != SecretBytes(copying: [1, 2]))
    let key = SymmetricKey(size: .bits256)
    #expect(SecretBytes(key).symmetricKey == key)
    #expect(SecretBytes(copying: []).count == 0)
  }
}
