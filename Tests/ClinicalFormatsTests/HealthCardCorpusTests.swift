import ClinicalFormats
import FHIR
import Primitives
import Testing

/// The cards of the standard's authors and of Microsoft's validator: good ones verify, bad ones fail for the
/// reason that they are named after. What that validator only warns of is a warning here too.
@Suite(.enabled(if: CardCorpus.isPresent, "\(CardCorpus.absence)"))
struct HealthCardCorpusTests {
  typealias Code = HealthCardFinding.Code

  // MARK: Whole cards

  @Test(
    "Good cards verify, warnings or not",
    arguments: [
      ("test-example-00-fhirhealthcard.json", nil, nil),
      ("test-example-00-e-file.wrong-extension", "card.wrong-extension", Code.fileName),
      ("test-example-00-e-file.wrong-extension", "card.smart-health-card", nil),
    ] as [(String, String?, Code?)])
  func goodCards(file: String, name: String?, warning: Code?) throws {
    let found = try CardCorpus.verifier().verify(CardCorpus.bytes(file), name: name)
    #expect(found.count == 1)
    let card = try #require(found.first)
    #expect(card.verdict == .verified, "\(file): \(card.findings)")
    #expect(card.issuer == CardCorpus.specAddress && card.issuerName == "Example issuer")
    #expect(card.findings.filter { $0.weight == .error }.isEmpty)
    #expect(card.check(.form)?.findings.map(\.code) == warning.map { [$0] } ?? [])
    #expect(card.content?.bundle?["entry"]?.count == 3)
    #expect(card.sentence == "This card was issued by Example issuer and is good.")
  }

  @Test(
    "Bad cards are refused, for the reason that they are named after",
    arguments: [
      ("test-example-00-d-jws-no_jws_header_alg.txt", Code.headerAlgorithm),
      ("test-example-00-d-jws-trailing_chars.txt", .surroundingCharacters),
      ("test-example-00-f-qr-code-numeric-value-0-trailing_chars.txt", .surroundingCharacters),
      ("test-example-00-e-file-invalid_deflate.smart-health-card", .compression),
      ("test-example-00-d-jws-utf8_bom_prefix.txt", .surroundingCharacters),
    ])
  func badCards(file: String, code: Code) throws {
    let found = try CardCorpus.verifier().verify(CardCorpus.bytes(file))
    #expect(found.count == 1 && found.first?.verdict == .refused)
    #expect(found.first?.findings.first { $0.weight == .error }?.code == code, "\(found)")
  }

  @Test func aMarkBeforeTheTextIsNoPartOfACard() throws {
    // In the corpus the mark is within the payload; here it stands before a good card.
    let file = try CardCorpus.bytes("test-example-00-fhirhealthcard.json")
    let card = try #require(HealthCardText(file).cards.first)
    let found = try CardCorpus.verifier().verify([0xEF, 0xBB, 0xBF] + Array(card.utf8))
    #expect(found.first?.verdict == .refused)
    #expect(found.first?.findings.map(\.code) == [.surroundingCharacters])
  }

  @Test func aCardThatIsTooLongForOneCodeAndOneThatSaysItIsAPart() throws {
    let long = try CardCorpus.verifier().verify(
      CardCorpus.bytes("test-example-00-e-file-jws_too_long.smart-health-card"))
    #expect(long.first?.findings.contains { $0.code == .longCard && $0.weight == .warning } == true)
    // It is old as well: its type has another name, and it says when it was made instead of since when.
    let errors = Set(long.first?.findings.filter { $0.weight == .error }.map(\.code) ?? [])
    #expect(errors.isSuperset(of: [.cardType, .timeForm]) && long.first?.verdict == .refused)
    let part = try CardCorpus.verifier().verify(
      CardCorpus.bytes("test-example-00-f-qr-code-numeric-value-0-wrong-multi-chunk.txt"))
    #expect(part.first?.verdict == .verified)
    #expect(part.first?.findings.map(\.code) == [.chunkHeader])
  }

  @Test func aCardOfSomebodyElseUnderTheSameKeyIsNotTrusted() throws {
    let file = try CardCorpus.bytes("test-example-00-d-jws-issuer-not-valid-with-smart-key.txt")
    let found = try CardCorpus.verifier().verify(file)
    #expect(found.first?.verdict == .undecided)
    #expect(found.first?.findings.map(\.code) == [.issuerUnknown])
    #expect(found.first?.check(.signature)?.state == .unknown)
  }

  @Test func anIssuerWithoutTheKeySignsNothing() throws {
    let file = try CardCorpus.bytes("test-example-00-e-file-bad_jwks.smart-health-card")
    let address =
      "https://raw.githubusercontent.com/microsoft/health-cards-validation-SDK/main/testdata/badjwks"
    let keys = try HealthCardKeySet(parsing: CardCorpus.bytes("wrong_kty_key.json"))
    let verifier = HealthCardVerifier(at: CardCorpus.day) { iss in
      iss == address ? HealthCardIssuer(address: iss, name: "Bad", keySet: keys) : nil
    }
    #expect(verifier.verify(file).first?.verdict == .refused)
    #expect(verifier.verify(file).first?.findings.map(\.code) == [.keyMissing])
    // With its key instead, the very same card is good.
    #expect(try CardCorpus.verifier(address).verify(file).first?.verdict == .verified)
    // What stands where a key set should be is none.
    let bare = try CardCorpus.bytes("badcrl/.well-known/jwks.json")
    #expect(throws: PeerChartError.self) { try HealthCardKeySet(parsing: bare) }
  }

  // MARK: Payloads and Bundles

  @Test(
    "Payloads fail for the reason that they are named after",
    arguments: [
      ("exp_milliseconds", Code.milliseconds), ("expired", .expired),
      ("missing-imm-vc-type", .contentType), ("missing-shc-vc-type", .cardType),
      ("nbf_milliseconds", .milliseconds), ("nbf_not_yet_valid", .notYetValid),
      ("trailing_chars", .surroundingCharacters),
    ])
  func badPayloads(name: String, code: Code) throws {
    let content = HealthCardContent(
      try CardCorpus.bytes("test-example-00-b-jws-payload-expanded-\(name).json"))
    let checks = try CardCorpus.verifier().checks(of: content)
    let errors = checks.flatMap(\.findings).filter { $0.weight == .error }
    #expect(errors.map(\.code) == [code], "\(errors)")
    #expect(checks.filter { $0.state == .fails }.count == 1)
  }

  @Test(
    "What is of no weight in a payload is a warning",
    arguments: [
      ("optional-vc-type", [Code.unneededType]),
      ("unknown-vc-types", [.unneededType, .unknownType]),
    ])
  func payloadsWithWarnings(name: String, codes: [Code]) throws {
    let content = HealthCardContent(
      try CardCorpus.bytes("test-example-00-b-jws-payload-expanded-\(name).json"))
    let checks = try CardCorpus.verifier().checks(of: content)
    #expect(checks.allSatisfy { $0.state == .holds })
    let warnings = Set(checks.flatMap(\.findings).map(\.code))
    #expect(warnings.contains(codes.last ?? .unknownType) && warnings.isSubset(of: Set(codes)))
  }

  @Test(
    "Bundles fail for the reason that they are named after",
    arguments: [
      ("bad_meta_non_security", [Code.meta]), ("short-refs", [.fullURL, .reference]),
      ("profile-usa", [.patient, .immunization, .resourceInvalid]),
    ])
  func badBundles(name: String, codes: [Code]) throws {
    let prefix = name == "short-refs" ? "test-example-00-a-" : "test-example-00-a-fhirBundle-"
    let root = try JSONDocument(parsing: CardCorpus.bytes("\(prefix)\(name).json")).root
    let found = HealthCardBundle.findings(root, asImmunization: true).filter { $0.weight == .error }
    let kinds = Set(found.map(\.code))
    #expect(kinds.isSuperset(of: codes), "\(found)")
    if name == "bad_meta_non_security" {
      #expect(found.filter { $0.code == .meta }.map(\.place) == ["entry[1].resource.meta"])
    }
  }

  // MARK: Keys and lists

  @Test(
    "Keys fail for the reason that they are named after",
    arguments: [
      ("valid_keys.json", nil), ("valid_key_with_x5c.json", nil), ("spec-issuer.jwks.json", nil),
      ("wrong_kty_key.json", Code.keyType), ("cert_mismatch.public.json", .certificateKey),
      ("invalid_DNS_SAN.public.json", .certificateName),
    ] as [(String, Code?)])
  func keys(file: String, code: Code?) throws {
    let keys = try HealthCardKeySet(parsing: CardCorpus.bytes(file))
    let found = keys.findings(issuer: "https://smarthealth.cards/examples/issuer")
    if let code {
      #expect(found.contains { $0.code == code }, "\(found)")
    } else {
      #expect(found.isEmpty, "\(found)")
    }
    // That there is no address in it at all can be told without knowing whose it should be.
    #expect(
      keys.findings(issuer: nil).contains { $0.code == .certificateName }
        == (code == .certificateName))
  }

  private static let listAddress =
    "https://raw.githubusercontent.com/smart-on-fhir/health-cards-dev-tools/main/testdata/badcrl/"

  /// The cards of `badcrl`, verified with a list.
  private func verified(_ name: String, list: [UInt8]?) throws -> HealthCardVerification? {
    let keys = try HealthCardKeySet(
      parsing: CardCorpus.bytes("badcrl/duplicate-rid/.well-known/jwks.json"))
    let lists = try list.map { [try HealthCardRevocationList(parsing: $0)] } ?? []
    let verifier = HealthCardVerifier(at: CardCorpus.day) { address in
      address.hasPrefix(Self.listAddress)
        ? HealthCardIssuer(address: address, name: "Lists", keySet: keys, lists: lists) : nil
    }
    return verifier.verify(
      try CardCorpus.bytes("badcrl/\(name)/jws-crl-\(name).txt")
    ).first
  }

  private static let keyID = "hrvC0uzB16UXK83BnPo7Glg685b1D6iYOyJd5hpRaAA"

  private static func list(_ rids: String...) -> [UInt8] {
    let names = rids.map { "\"\($0)\"" }.joined(separator: ",")
    return Array(#"{"kid":"\#(keyID)","method":"rid","ctr":1,"rids":[\#(names)]}"#.utf8)
  }

  @Test func listsOfRevokedCards() throws {
    let crl = ".well-known/crl/\(Self.keyID).json"
    let method = try verified(
      "invalid-method", list: CardCorpus.bytes("badcrl/invalid-method/\(crl)"))
    #expect(method?.verdict == .refused && method?.findings.map(\.code) == [.listMethod])
    let version = try verified(
      "invalid-method", list: CardCorpus.bytes("badcrl/version-mismatch/\(crl)"))
    #expect(version?.verdict == .refused && version?.findings.map(\.code) == [.listVersion])
    let twice = try verified("duplicate-rid", list: Self.list("abcde", "abcde"))
    #expect(twice?.verdict == .refused && twice?.findings.map(\.code) == [.listID])
    let long = try verified("too-long-rid", list: Self.list(String(repeating: "a", count: 25)))
    #expect(long?.verdict == .refused && long?.findings.map(\.code) == [.listID])
    // Without a list that is not told; with a good one it is.
    #expect(try verified("too-long-rid", list: nil)?.verdict == .verified)
    #expect(try verified("too-long-rid", list: nil)?.check(.revocation)?.state == .unknown)
    #expect(try verified("too-long-rid", list: Self.list("other"))?.verdict == .verified)
    // Revoked, and revoked before or after it was issued (nbf 1639168420.016).
    for (entry, verdict) in [
      ("abcde", HealthCardVerification.Verdict.refused), ("abcde.1639168421", .refused),
      ("abcde.1639168420", .verified),
    ] {
      let found = try verified("too-long-rid", list: Self.list(entry))
      #expect(found?.verdict == verdict, "\(entry)")
    }
  }
}
