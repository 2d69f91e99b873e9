import Consent
import Crypto
import FHIR
import Foundation
import Primitives
import Testing

/// Grants as signed FHIR Consents: there and back, and nothing altered or unknown accepted.
@Suite struct SignedConsentTests {
  let patientKey = Curve25519.Signing.PrivateKey()
  let hospitalKey = Curve25519.Signing.PrivateKey()

  func parse(_ bytes: [UInt8]) throws -> JSONValue { try JSONDocument(parsing: bytes).root }

  func grant(
    _ permission: Permission = World.permission(), except denials: [Denial] = [],
    delegation: Grant.Delegation? = nil
  ) -> Grant {
    let key = delegation == nil ? patientKey : hospitalKey
    return World.grant(
      "g", permission, except: denials, delegation: delegation, maximumUses: 3, isDelegable: true,
      key: GrantSigner.keyID(of: key.publicKey))
  }

  func verify(_ bytes: [UInt8]) throws -> SignedConsent {
    try SignedConsent.verify(parse(bytes), patientKey: patientKey.publicKey)
  }

  func refusal(_ bytes: [UInt8]) -> PeerChartError.Code? {
    do {
      _ = try verify(bytes)
      return nil
    } catch {
      return (error as? PeerChartError)?.code
    }
  }

  @Test func anyGrantComesBackAsItWas() throws {
    var random = SeededGenerator(naming: "consent round trip")
    var written = 0
    for index in 0..<3000 {
      let request = RandomCase.request(&random, .organization)
      let drawn = RandomCase.grant("g\(index)", &random, request, earlier: [])
      let grant = Grant(
        id: drawn.id, patient: drawn.patient, issued: drawn.issued,
        grantorKey: GrantSigner.keyID(of: patientKey.publicKey), content: drawn.content,
        maximumUses: drawn.permission == nil ? nil : drawn.maximumUses,
        isDelegable: drawn.permission == nil ? false : drawn.isDelegable, status: drawn.status)
      guard let bytes = try? GrantSigner.sign(grant, with: patientKey) else { continue }
      written += 1
      let signed = try verify(bytes)
      #expect(signed.grant == grant, "seed \(random.seed), grant \(index)")
      let consent = try Resource(parsing: bytes)
      #expect(consent.type == "Consent")
    }
    // Some draws cannot be written: an empty window of record dates, no label.
    #expect(written > 2000)
  }

  @Test func whatANodeChangesLeavesTheSignatureAlone() throws {
    let signed = try GrantSigner.sign(grant(), with: patientKey)
    var members = try parse(signed).members.map { ($0.name, JSONTree($0.value)) }
    members.insert(("id", "c1"), at: 1)
    members.insert(("meta", ["versionId": "4", "lastUpdated": "2026-01-01T00:00:00Z"]), at: 2)
    members.insert(("text", ["status": "generated", "div": "<div/>"]), at: 3)
    members.reverse()
    let stored = try verify(JSONTree.object(members).serialized())
    #expect(stored == (try verify(signed)))
  }

  @Test func noByteOfTheContentCanChange() throws {
    let signed = try GrantSigner.sign(
      grant(except: [Denial(types: RecordTypeSet(.claims))]), with: patientKey)
    var random = SeededGenerator(naming: "consent flips")
    var read = 0
    for position in signed.indices {
      var altered = signed
      altered[position] ^= UInt8(1 << Int.random(in: 0..<7, using: &random))
      guard let json = try? parse(altered) else { continue }
      read += 1
      let verified = try? SignedConsent.verify(json, patientKey: patientKey.publicKey)
      // The frame of the signature (its time, its formats) is not signed and decides nothing.
      if let verified { #expect(verified == (try verify(signed)), "byte \(position)") }
    }
    #expect(read > 500)
  }

  @Test func anotherKeyDoesNotMakeAPatientsGrant() throws {
    let foreign = World.grant(
      "g", World.permission(), key: GrantSigner.keyID(of: hospitalKey.publicKey))
    let bytes = try GrantSigner.sign(foreign, with: hospitalKey)
    #expect(refusal(bytes) == .integrity)
    // Nor does a key that is known as a delegator's.
    #expect(throws: PeerChartError.self) {
      try SignedConsent.verify(parse(bytes), patientKey: patientKey.publicKey) { _ in
        hospitalKey.publicKey
      }
    }
    #expect(throws: PeerChartError.self) { try GrantSigner.sign(foreign, with: patientKey) }
    // Another signature under the patient's key name.
    let own = try GrantSigner.sign(grant(), with: patientKey)
    let text = String(decoding: own, as: UTF8.self)
    let data = try #require(try parse(own)["extension"]?[1]?["valueSignature"]?["data"]?.string)
    let zeros = Base64.encode(Array(repeating: UInt8(0), count: 64))
    #expect(refusal(Array(text.replacingOccurrences(of: data, with: zeros).utf8)) == .integrity)
  }

  @Test func aDelegatedGrantIsSignedByItsDelegatorAlone() throws {
    let hospital = Grantee.organization(World.hospital)
    let delegation = Grant.Delegation(parent: GrantID("parent"), delegator: hospital)
    let delegated = grant(World.permission(to: .person(World.doctor)), delegation: delegation)
    let bytes = try GrantSigner.sign(delegated, with: hospitalKey)
    let signed = try SignedConsent.verify(parse(bytes), patientKey: patientKey.publicKey) {
      $0 == hospital ? hospitalKey.publicKey : nil
    }
    #expect(signed.grant == delegated)
    #expect(refusal(bytes) == .integrity)
    let byPatient = Grant(
      id: GrantID("g"), patient: World.patient, issued: World.now,
      grantorKey: GrantSigner.keyID(of: patientKey.publicKey), delegation: delegation,
      content: delegated.content)
    #expect(refusal(try GrantSigner.sign(byPatient, with: patientKey)) == .integrity)
  }

  /// Each change is one that narrows, or that we cannot read: it must never be passed over.
  @Test(arguments: [
    (#""status":"active""#, #""status":"draft""#),
    (#""status":"active""#, #""status":"active","implicitRules":"http://x""#),
    (#""status":"active""#, #""status":"active","_status":{"extension":[]}"#),
    (#""status":"active""#, #""status":"active","policy":[{"uri":"http://x"}]"#),
    (#""status":"active""#, #""status":"active","contained":[]"#),
    (#""explicit-1""#, #""explicit-2""#),
    ("patient-privacy", "research"),
    (#""type":"permit""#, #""type":"permit","code":[{"text":"only this"}]"#),
    (#""type":"permit""#, #""type":"permit","data":[]"#),
    (#""type":"permit""#, #""type":"permit","extension":[{"url":"http://x"}]"#),
    (#""type":"permit""#, #""type":"permit","modifierExtension":[]"#),
    (#""type":"permit""#, #""type":"deny""#),
    (#""type":"permit","#, ""),
    ("urn:peerchart:maximum-uses", "urn:other:maximum-uses"),
    (#""valuePositiveInt":3"#, #""valuePositiveInt":0"#),
    (#""valuePositiveInt":3"#, #""valuePositiveInt":3.0"#),
    (#""code":"IRCP""#, #""code":"AUT""#),
    (#""code":"TREAT""#, #""code":"TREATS""#),
    (#""code":"medications""#, #""code":"medicines""#),
    (#""code":"N""#, #""code":"R""#),
    (#""code":"search""#, #""code":"find""#),
    (#""code":"access""#, #""code":"disclose""#),
    ("T08:00:00.000Z", "T08:00:00"), ("urn:peerchart:delegable", "urn:peerchart:delegates"),
    (#""reference":"Patient/"#, #""reference":"urn:uuid:"#),
    (#""system":"urn:peerchart:grant""#, #""system":"urn:other""#),
  ])
  func whatIsNotUnderstoodIsRefused(_ original: String, _ altered: String) throws {
    let tree = try grant().consentTree()
    let text = String(decoding: tree.serialized(), as: UTF8.self)
    let changed = text.replacingOccurrences(of: original, with: altered)
    #expect(changed != text, "the Consent does not hold \(original)")
    let json = try parse(Array(changed.utf8))
    #expect(throws: PeerChartError.self) {
      try GrantSigner.sign(consent: JSONTree(json), with: patientKey, at: World.now)
    }
  }

  @Test func theNestedPermissionAndSecondActorAreRefused() throws {
    let tree = try grant(except: [Denial(types: RecordTypeSet(.claims))]).consentTree()
    let text = String(decoding: tree.serialized(), as: UTF8.self)
    let nested = text.replacingOccurrences(of: #"[{"type":"deny""#, with: #"[{"type":"permit""#)
    #expect(nested != text)
    #expect(throws: PeerChartError.self) {
      try GrantSigner.sign(
        consent: JSONTree(try parse(Array(nested.utf8))), with: patientKey, at: World.now)
    }
  }

  @Test func foreignPlainExtensionsPassAndAreSigned() throws {
    var members = try parse(grant().consentTree().serialized()).members.map {
      ($0.name, JSONTree($0.value))
    }
    let index = try #require(members.firstIndex { $0.0 == "extension" })
    members[index].1 = [
      ["url": "urn:peerchart:delegable", "valueBoolean": true],
      ["url": "http://example.org/note", "valueString": "asked at the desk"],
    ]
    let bytes = try GrantSigner.sign(consent: .object(members), with: patientKey, at: World.now)
    #expect(try verify(bytes).grant == grant())
    let altered = String(decoding: bytes, as: UTF8.self).replacingOccurrences(
      of: "desk", with: "door")
    #expect(refusal(Array(altered.utf8)) == .integrity)
  }

  @Test func aGrantThatCannotBeSaidIsNotWritten() throws {
    var empty = World.permission()
    empty.types = []
    #expect(throws: PeerChartError.self) { try grant(empty).consentTree() }
    #expect(throws: PeerChartError.self) {
      try grant(except: [Denial(types: [])]).consentTree()
    }
    let usurper = PartyIdentifier(system: "urn:peerchart:node", value: "x")
    #expect(throws: PeerChartError.self) {
      try grant(World.permission(to: .organization(usurper))).consentTree()
    }
  }

  @Test func aRevokedGrantIsSignedInactive() throws {
    var ended = grant()
    ended.status = .revoked
    let bytes = try GrantSigner.sign(ended, with: patientKey)
    #expect(try parse(bytes)["status"]?.string == "inactive")
    #expect(try verify(bytes).grant.status == .revoked)
    let revived = String(decoding: bytes, as: UTF8.self)
      .replacingOccurrences(of: "inactive", with: "active")
    #expect(refusal(Array(revived.utf8)) == .integrity)
  }

  @Test func aRevocationNamesOneSignedConsent() throws {
    let consent = try verify(GrantSigner.sign(grant(), with: patientKey))
    let statement = try RevocationStatement.sign(consent, at: World.now, with: patientKey)
    let patient = GrantSigner.keyID(of: patientKey.publicKey)
    let read = try RevocationStatement.verify(parse(statement), publicKey: patientKey.publicKey)
    #expect(read.revokes(consent, patientKey: patient))
    #expect(read.time == World.now)
    var wider = World.permission()
    wider.types = .all
    let other = try verify(GrantSigner.sign(grant(wider), with: patientKey))
    #expect(!read.revokes(other, patientKey: patient))
    let byHospital = try RevocationStatement.verify(
      parse(RevocationStatement.sign(consent, at: World.now, with: hospitalKey)),
      publicKey: hospitalKey.publicKey)
    #expect(!byHospital.revokes(consent, patientKey: patient))
    #expect(throws: PeerChartError.self) {
      try RevocationStatement.verify(parse(statement), publicKey: hospitalKey.publicKey)
    }
    for position in statement.indices {
      var altered = statement
      altered[position] ^= 1
      guard let json = try? parse(altered) else { continue }
      #expect(throws: PeerChartError.self) {
        try RevocationStatement.verify(json, publicKey: patientKey.publicKey)
      }
    }
  }

  /// Where a folder is named, leaves Consents for other people's FHIR libraries to judge.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PEERCHART_CONSENT_SAMPLES"] != nil))
  func writesSamples() throws {
    let folder = ProcessInfo.processInfo.environment["PEERCHART_CONSENT_SAMPLES"] ?? ""
    var random = SeededGenerator(naming: "consent samples")
    for index in 0..<50 {
      let request = RandomCase.request(&random, .organization)
      let drawn = RandomCase.grant("g\(index)", &random, request, earlier: [])
      let isDenial = drawn.permission == nil
      let grant = Grant(
        id: drawn.id, patient: drawn.patient, issued: drawn.issued,
        grantorKey: GrantSigner.keyID(of: patientKey.publicKey), content: drawn.content,
        maximumUses: isDenial ? nil : drawn.maximumUses, isDelegable: !isDenial)
      guard let bytes = try? GrantSigner.sign(grant, with: patientKey) else { continue }
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/consent-\(index).json"))
    }
  }
}
