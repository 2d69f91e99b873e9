public import FHIR
public import Primitives

/// What a card says, read from its payload. **It is to be believed** only as far as its verification says.
public struct HealthCardContent: Sendable {
  /// The issuer's address (`iss`).
  public let issuer: String?
  /// Since when it is good (`nbf`).
  public let issued: Instant?
  /// Until when (`exp`); nil: for good.
  public let expires: Instant?
  /// `vc.type`.
  public let types: [String]
  /// The card's name in lists of revoked ones (`vc.rid`).
  public let revocationID: String?
  /// The Bundle; nil where there is none.
  public let bundle: JSONValue?
  /// What is wrong.
  public let findings: [HealthCardFinding]

  private static let limits = JSONLimits(
    maximumBytes: HealthCardToken.maximumPayload, maximumDepth: 64, maximumNodes: 500_000)

  /// Reads a payload. Nothing is thrown: what is wrong is in `findings`.
  public init(_ payload: [UInt8]) {
    var reader = Reader()
    if payload.first != UInt8(ascii: "{") || payload.last != UInt8(ascii: "}") {
      reader.add(.surroundingCharacters, "there are characters around the payload")
    }
    let root: JSONValue?
    do {
      root = try JSONDocument(parsing: payload, limits: Self.limits).root
      if root?.kind != .object { reader.add(.payloadForm, "the payload is not a JSON object") }
    } catch {
      root = nil
      reader.add(.payloadForm, "the payload is not JSON")
    }
    issuer = root?["iss"]?.string
    issued = root.flatMap { reader.time("nbf", $0, isRequired: true) }
    expires = root.flatMap { reader.time("exp", $0, isRequired: false) }
    let credential = root?["vc"]
    types = credential?["type"]?.elements.compactMap(\.string) ?? []
    revocationID = credential?["rid"]?.string
    bundle = credential?["credentialSubject"]?["fhirBundle"]
    if let root, root.kind == .object {
      reader.checkIssuer(issuer)
      reader.checkTypes(types, bundle)
      reader.checkRevocationID(credential?["rid"])
      let version = credential?["credentialSubject"]?["fhirVersion"]
      reader.checkVersion(version)
      if let bundle {
        reader.findings += HealthCardBundle.findings(
          bundle, asImmunization: types.contains(HealthCardType.immunization))
      } else {
        reader.add(.bundleForm, "there is no Bundle", "vc.credentialSubject.fhirBundle")
      }
    }
    findings = reader.findings
  }

  private struct Reader {
    var findings: [HealthCardFinding] = []

    mutating func add(
      _ code: HealthCardFinding.Code, _ text: String, _ place: String? = nil,
      weight: HealthCardFinding.Weight = .error
    ) {
      findings.append(HealthCardFinding(code, text, place: place, weight: weight))
    }

    /// Seconds since 1970 with a fraction, as published cards have it.
    mutating func time(_ name: String, _ root: JSONValue, isRequired: Bool) -> Instant? {
      guard let value = root[name] else {
        if isRequired { add(.timeForm, "the card does not say since when it is good", name) }
        return nil
      }
      guard let seconds = value.numberLiteral.flatMap(Double.init), seconds.isFinite, seconds >= 0
      else {
        add(.timeForm, "a time is a number of seconds", name)
        return nil
      }
      // As seconds, the milliseconds of this century lie tens of thousands of years ahead.
      guard seconds < 100_000_000_000 else {
        add(.milliseconds, "a time is in milliseconds instead of seconds", name)
        return nil
      }
      return Instant(millisecondsSinceEpoch: Int64(seconds * 1000))
    }

    mutating func checkIssuer(_ issuer: String?) {
      guard let issuer, HealthCardIssuer.isAddress(issuer) else {
        return add(
          .issuerAddress, "the issuer is an https address without a slash at its end", "iss")
      }
    }

    mutating func checkTypes(_ types: [String], _ bundle: JSONValue?) {
      if !types.contains(HealthCardType.healthCard) {
        add(.cardType, "the card does not say that it is a health card", "vc.type")
      }
      let holds = bundle?["entry"]?.elements.contains {
        $0["resource"]?["resourceType"]?.string == "Immunization"
      }
      if holds ?? false, !types.contains(HealthCardType.immunization) {
        add(.contentType, "the card holds immunizations and does not say so", "vc.type")
      }
      for type in types where type == HealthCardType.verifiableCredential {
        add(.unneededType, "\(type) need not be among the types", "vc.type", weight: .warning)
      }
      if types.contains(where: HealthCardType.isUnknown) {
        add(.unknownType, "a type is not of the vocabulary of cards", "vc.type", weight: .warning)
      }
    }

    mutating func checkRevocationID(_ value: JSONValue?) {
      guard let value else { return }
      guard let id = value.string, HealthCardRevocationList.isValidID(id) else {
        return add(.revocationID, "the card's name has 1 to 24 letters, digits, - and _", "vc.rid")
      }
    }

    mutating func checkVersion(_ value: JSONValue?) {
      guard let version = value?.string,
        version.wholeMatch(of: /[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/) != nil
      else {
        return add(
          .fhirVersion, "the card does not say which version of FHIR",
          "vc.credentialSubject.fhirVersion")
      }
      guard version.hasPrefix("4.0.") else {
        return add(
          .fhirVersion, "the card is of another version of FHIR than R4",
          "vc.credentialSubject.fhirVersion")
      }
    }
  }
}
