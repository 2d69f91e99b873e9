import ClinicalFormats
import Crypto
import FHIR
import Foundation
import Identity
import Primitives
import Testing

@Suite("Health cards of our own")
struct HealthCardTests {
  @Test func aCardSaysWhatItsReaderNeedsAndNoMore() throws {
    let card = try MadeCard(immunizations: 2)
    let found = try card.verifier().verify(card.text)
    #expect(found.verdict == .verified, "\(found.findings)")
    #expect(found.findings.isEmpty && found.keyID == card.key.publicKey.thumbprint)
    #expect(found.types == [HealthCardType.healthCard, HealthCardType.immunization])
    #expect(found.issued == MadeCard.issued && found.expires == nil)
    let payload = String(decoding: HealthCardToken(card.text).payload ?? [], as: UTF8.self)
    for kept in [
      "Samplewood", "1984-02-29", "\"201\"", "resource:0", "0001", "Exampleville General",
    ] {
      #expect(payload.contains(kept), "\(kept)")
    }
    for dropped in [
      "MRN-1", "Exampleville\"", "female", "COVID", "kept here", "0.50", "Organization/o",
      "versionId",
      "official",
    ] {
      #expect(!payload.contains(dropped), "\(dropped)")
    }
    #expect(card.text.utf8.count < NumericText.singleLimit)
  }

  @Test func whateverBitIsChangedTheCardIsRefused() throws {
    let card = try MadeCard()
    let verifier = try card.verifier()
    let bytes = Array(card.text.utf8)
    for index in bytes.indices {
      var changed = bytes
      changed[index] = changed[index] == 0x41 ? 0x42 : 0x41
      let found = verifier.verify(String(decoding: changed, as: UTF8.self))
      // The last digits of a part may stand for the same bits, and are then not in their one form.
      #expect(found.verdict != .verified, "byte \(index)")
    }
  }

  @Test func cardsRunOutAndAreTakenBack() throws {
    let end = MadeCard.issued.adding(seconds: 86_400)
    let card = try MadeCard(id: "gone", expires: end)
    func verdict(_ verifier: HealthCardVerifier) -> [HealthCardFinding.Code] {
      verifier.verify(card.text).findings.map(\.code)
    }
    #expect(try verdict(card.verifier(at: end)).isEmpty)
    #expect(try verdict(card.verifier(at: end.adding(seconds: 61))) == [.expired])
    #expect(
      try verdict(card.verifier(at: MadeCard.issued.adding(seconds: -61))) == [.notYetValid])
    #expect(try verdict(card.verifier(version: 2, revoking: ["gone"])) == [.revoked])
    #expect(try verdict(card.verifier(version: 2, revoking: ["other"])).isEmpty)
  }

  @Test func noCardHoldsWhatItCannot() throws {
    let patient = try Resource(parsing: MadeCard.patient)
    let condition = try Resource(
      parsing: Array(
        #"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"}}"#.utf8))
    #expect(throws: PeerChartError.self) {
      try HealthCardMinimizer.bundle(patient: patient, records: [condition])
    }
    #expect(throws: PeerChartError.self) {
      try HealthCardMinimizer.bundle(patient: condition, records: [patient])
    }
    let bare = try Resource(parsing: Array(#"{"resourceType":"Patient","id":"p"}"#.utf8))
    let shot = try Resource(parsing: MadeCard.immunization(0))
    #expect(throws: PeerChartError.self) {
      try HealthCardMinimizer.bundle(patient: bare, records: [shot])
    }
    for issuer in ["http://node.example", "https://node.example/", "https://node.example?a", "x"] {
      let draft = HealthCardDraft(
        issuer: issuer, issued: MadeCard.issued, revocationID: "x", types: [], bundle: .object([]))
      #expect(throws: PeerChartError.self) {
        try draft.signed(by: SigningKey(random: SystemRandom()))
      }
    }
  }

  @Test func digitsOfNumbersStay() throws {
    let observation = try Resource(
      parsing: Array(
        """
        {"resourceType":"Observation","id":"o","status":"final","code":{"coding":[
          {"system":"http://loinc.org","code":"718-7"}]},"subject":{"reference":"https://a.example/fhir/Patient/p/_history/2"},
         "effectiveDateTime":"2026-01-01","valueQuantity":{"value":14.10,"unit":"g/dL"}}
        """.utf8))
    let bundle = try HealthCardMinimizer.bundle(
      patient: Resource(parsing: MadeCard.patient), records: [observation])
    let text = String(decoding: bundle.serialized(), as: UTF8.self)
    #expect(text.contains("14.10") && text.contains(#""subject":{"reference":"resource:0"}"#))
  }

  // MARK: Codes

  @Test func codesOfLongCardsComeInAnyOrder() throws {
    var random = SeededRandom.printed(for: "codes of health cards")
    for count in [1, 9, 14, 18] {
      let card = try MadeCard(immunizations: count)
      var codes = try NumericText.encode(card.text)
      #expect(codes.count == (card.text.utf8.count + 1190) / 1191 || codes.count == 1)
      #expect(codes.allSatisfy { $0.utf8.count <= 2400 })
      codes.shuffle(using: &random)
      let text = HealthCardText(Array(codes.joined(separator: "\n").utf8))
      #expect(text.cards == [card.text] && text.findings.isEmpty)
      guard codes.count > 1 else { continue }
      let some = HealthCardText(Array(codes.dropLast().joined(separator: "\n").utf8))
      #expect(some.cards.isEmpty && some.findings.map(\.code) == [.chunkMissing])
      let twice = HealthCardText(Array((codes + [codes[0]]).joined(separator: "\n").utf8))
      #expect(twice.cards.isEmpty && twice.findings.map(\.code) == [.chunkHeader])
    }
  }

  @Test(arguments: [
    "shc:/", "shc:/1", "shc:/78", "shc:/99", "shc:/1/2", "shc:/0/1/00", "shc:/2/1/00",
    "shc:/1/01/00",
    "shc:/100/100/00", "shc:/1/1/1/00", "shc:/ab", "shc:/0x", "shc://1/1/00",
  ])
  func codesThatAreNone(text: String) {
    let found = HealthCardText(Array(text.utf8))
    #expect(found.cards.isEmpty && found.findings.map(\.code) == [.numericForm], "\(found)")
  }

  /// Raw DEFLATE, taken out of a sealed file, which has the same.
  private static func compressedZeros(_ count: Int) throws -> [UInt8] {
    let key = [UInt8](repeating: 1, count: HealthLink.keyLength)
    let file = HealthLinkFile(contentType: nil, content: [UInt8](repeating: 0, count: count))
    let parts = try file.sealed(with: Redacted(key), random: SystemRandom()).split(
      separator: ".", omittingEmptySubsequences: false)
    let raw = parts.map { Base64URL.decode($0) ?? [] }
    let box = try AES.GCM.SealedBox(
      nonce: AES.GCM.Nonce(data: raw[2]), ciphertext: raw[3], tag: raw[4])
    return Array(
      try AES.GCM.open(
        box, using: SymmetricKey(data: key), authenticating: Array(parts[0].utf8)))
  }

  @Test func aSmallCardDoesNotBecomeALargeOne() throws {
    let zeros = try Self.compressedZeros(64 << 20)
    #expect(zeros.count < 100_000)
    let card = [
      Base64URL.encode(Array(#"{"zip":"DEF","alg":"ES256","kid":"x"}"#.utf8)),
      Base64URL.encode(zeros), Base64URL.encode([UInt8](repeating: 0, count: 64)),
    ].joined(separator: ".")
    let token = HealthCardToken(card)
    #expect(token.payload == nil && token.findings.contains { $0.code == .tooLarge })
  }

  @Test func whateverIsHandedOverIsAnswered() throws {
    var random = SeededRandom.printed(for: "hostile health cards")
    let card = try MadeCard(immunizations: 2)
    let verifier = try card.verifier()
    let seeds: [[UInt8]] = [
      Array(card.text.utf8), HealthCardText.file([card.text]),
      Array(try NumericText.encode(card.text)[0].utf8), [], [0x7B], Array("{}".utf8),
      Array(#"{"verifiableCredential":[1]}"#.utf8), Array("a.b.c".utf8), [0xFF, 0xFE],
    ]
    for _ in 0..<2000 {
      var bytes = seeds.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(index...)
        default: bytes.insert(contentsOf: random.bytes(3), at: index)
        }
      }
      let found = verifier.verify(bytes)
      #expect(!found.isEmpty)
      for one in found where one.isVerified {
        // Nothing but the card itself passes, whatever stands around it.
        #expect(one.digest == HealthCardToken(card.text).digest)
      }
    }
    let payload = HealthCardToken(card.text).payload ?? []
    for _ in 0..<2000 {
      var bytes = payload
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
        in: 32...126, using: &random)
      #expect(verifier.checks(of: HealthCardContent(bytes)).count == 2)
    }
  }

  @Test func whatWasFoundNamesNobody() throws {
    let card = try MadeCard()
    let json = try JSONEncoder().encode(card.verifier().verify(card.text))
    let text = String(decoding: json, as: UTF8.self)
    #expect(text.contains(#""verdict":"verified""#) && text.contains(#""step":"signature""#))
    #expect(!text.contains("Samplewood") && !text.contains("1984-02"))
  }
}
