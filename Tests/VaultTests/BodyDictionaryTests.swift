import Crypto
import Primitives
import Testing
import Vault

/// Small bodies are compressed with a dictionary whose bytes are fixed for good.
@Suite("The dictionary of small bodies")
struct BodyDictionaryTests {
  let sealer = RecordSealer(random: SystemRandom())
  let key = DataKey(
    slot: 3, generation: 9, secret: SecretBytes(copying: (0..<32).map { UInt8($0) }))
  let context = SealContext(slot: 3, key: Array(repeating: 0xAB, count: 16), version: 2)

  /// Sealed by another zstd and another AES: the last 60,000 bytes of the dictionary, and a resource.
  @Test("a body that another program sealed with the same bytes opens")
  func vector() throws {
    let sealed = hex(
      "03000000096465666768696a6b6c6d6e6f60aef19b18e8cb7783625fd8aa4b5bcd3fbf05fa178efc091e6a2d03c605"
        + "7307fcedd60c290853d1182af6e687e553269d38")
    let opened = try sealer.open(sealed, key: key, context: context)
    #expect(opened.count == 60_061)
    #expect(
      Hex.encode(Array(SHA256.hash(data: opened)))
        == "34703a06018f38c845bc896a6880d96df9439fb838279cf5559331b83ebfc371")
    // It stays what it is whoever seals it.
    let again = try sealer.seal(opened, key: key, context: context)
    #expect(again[0] == 3 && again.count < 200)
    #expect(try sealer.open(again, key: key, context: context) == opened)
  }

  @Test("a frame without the dictionary does not pass for one with it")
  func otherFrame() throws {
    let sealed = hex(
      "03000000096465666768696a6b6c6d6e6f60aef19b598d139e3e723e89db6555fc6ed8e838cb958a34b2eb8f4b3504"
        + "426794")
    #expect(errorCode { _ = try sealer.open(sealed, key: key, context: context) } == .integrity)
  }

  @Test("small resources take half of what they did, large bodies go without")
  func gain() throws {
    let small = Array(
      #"{"resourceType":"Observation","id":"x","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobin"}]},"subject":{"reference":"Patient/a-b-c"},"effectiveDateTime":"2025-11-30T10:11:12Z","valueQuantity":{"value":13.10,"unit":"g/dL","system":"http://unitsofmeasure.org","code":"g/dL"}}"#
        .utf8)
    let sealed = try sealer.seal(small, key: key, context: context)
    #expect(sealed[0] == 3 && sealed.count < small.count / 2)
    #expect(try sealer.open(sealed, key: key, context: context) == small)
    let large = Array(repeatElement(small, count: 200).joined())
    #expect(try sealer.seal(large, key: key, context: context)[0] == 2)
  }
}
