import Crypto
import Primitives
import Testing
import Vault

/// Small bodies are compressed with dictionaries whose bytes are fixed for good.
@Suite("The dictionaries of small bodies")
struct BodyDictionaryTests {
  let sealer = RecordSealer(random: SystemRandom())
  let key = DataKey(
    slot: 3, generation: 9, secret: SecretBytes(copying: (0..<32).map { UInt8($0) }))
  let context = SealContext(slot: 3, key: Array(repeating: 0xAB, count: 16), version: 2)

  /// A body that another zstd and another AES sealed: the end of its dictionary, and what the dictionary is for.
  struct Vector: Sendable {
    let kind: BodyKind
    let format: UInt8
    let sealed: String
    let count: Int
    let digest: String
  }

  @Test(
    "a body that another program sealed with the same bytes opens",
    arguments: [
      Vector(
        kind: .resource, format: 3,
        sealed:
          "03000000096465666768696a6b6c6d6e6f60aef19b18e8cb7783625fd8aa4b5bcd3fbf05fa178efc091e6a2d03c605"
          + "7307fcedd60c290853d1182af6e687e553269d38",
        count: 60_061, digest: "34703a06018f38c845bc896a6880d96df9439fb838279cf5559331b83ebfc371"),
      Vector(
        kind: .logEntry, format: 4,
        sealed:
          "04000000096465666768696a6b6c6d6e6f60aef19b18ebeb906b635f50a1044a8e23ae7226ab0d9d1687b0c2689ed5"
          + "c026e0cb3dc5b04f2a8676ec059e16f61c9ec8a84fc3142719d2940ecbea352582863199bb7ae8",
        count: 4_029, digest: "49b36de7edc4e68c5a97c5d01434a8b0efdc1b02c479afec9eb0361dd130746b"),
    ])
  func vector(_ vector: Vector) throws {
    // Whatever was sealed is opened, by whoever seals something else.
    let opened = try sealer.open(hex(vector.sealed), key: key, context: context)
    #expect(opened.count == vector.count)
    #expect(Hex.encode(Array(SHA256.hash(data: opened))) == vector.digest)
    // It stays what it is whoever seals it.
    let again = try RecordSealer(random: SystemRandom(), of: vector.kind)
      .seal(opened, key: key, context: context)
    #expect(again[0] == vector.format && again.count < 200)
    #expect(try sealer.open(again, key: key, context: context) == opened)
  }

  @Test("an entry of the log takes less than half of its length")
  func entry() throws {
    let entries = RecordSealer(random: SystemRandom(), of: .logEntry)
    let event =
      #"{"action":"R","actor":{"address":"192.0.2.7","id":"9d3e1c2a-7b1f-4b57-9a56-0123456789ab","kind":"workforce","name":"Rowan"},"consents":["0b9d8f4e-4f0e-4a43-8f3c-52a0a6f1c7d9"],"counts":{"vital-signs":1},"detail":{"action":"read"},"entities":["Observation/5d2a2d08-cf2e-4c1b-8e57-1d3f5a7c9e0b/_history/1"],"id":"1f2e3d4c5b6a79880716253443526170","kind":"disclosure","outcome":"success","patient":"Patient/4c1f0f7e-0d42-4b1e-9c77-b1a2c3d4e5f6","purpose":"TREAT","reasons":["grant"],"request":"696add6bca26ff73-775","role":"clinician","time":"2026-11-23T14:51:21.967Z","version":1}"#
    let plaintext = SystemRandom().bytes(32) + Array(event.utf8)
    let sealed = try entries.seal(plaintext, key: key, context: context)
    #expect(sealed[0] == 4 && sealed.count * 2 < plaintext.count)
    #expect(try entries.open(sealed, key: key, context: context) == plaintext)
    #expect(try sealer.seal(plaintext, key: key, context: context).count > sealed.count)
  }

  @Test(
    "a frame of another dictionary, or of none, does not pass for one with it",
    arguments: [
      // An entry's frame that calls itself a resource's.
      "03000000096465666768696a6b6c6d6e6f60aef19b18ebeb906b635f50a1044a8e23ae7226ab0d9d1687b0c2689ed5"
        + "c026e0cb3dc5b04f2a8676ec059e16f61c9ec8a84fc3148c138d4d43b4398bb6cb4c291ec3b372",
      // No dictionary.
      "03000000096465666768696a6b6c6d6e6f60aef19b598d139e3e723e89db6555fc6ed8e838cb958a34b2eb8f4b3504"
        + "426794",
      "04000000096465666768696a6b6c6d6e6f60aef19b595d239f3e765d81b647508660af6379f80d941785eb8e78d98f"
        + "8738f18c32bd6030f260dfc95a0ffe423f640fbb6c078bc640d24bb30634840a1ae9ea50c96e455bfa",
    ])
  func otherKind(_ sealed: String) {
    #expect(
      errorCode { _ = try sealer.open(hex(sealed), key: key, context: context) } == .integrity)
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
