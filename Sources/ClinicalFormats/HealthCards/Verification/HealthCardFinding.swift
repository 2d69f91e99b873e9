/// One thing that is wrong with a card or with what says whether it is good. It never repeats what the card
/// says about anybody.
public struct HealthCardFinding: Hashable, Sendable, Encodable {
  /// How much it weighs.
  public enum Weight: String, Sendable, Encodable {
    /// The card is not good.
    case error
    /// Against a recommendation, or of no weight to the reader.
    case warning
  }

  /// What is wrong, for programs (docs/format/health-cards.md lists them). None is renamed.
  public enum Code: String, CaseIterable, Sendable, Encodable {
    // What was handed over
    case tooLarge = "too-large"
    case noCard = "no-card"
    case surroundingCharacters = "surrounding-characters"
    case fileForm = "file-form"
    case fileName = "file-name"
    case numericForm = "numeric-form"
    case chunkMissing = "chunk-missing"
    case chunkHeader = "chunk-header"
    case longCard = "long-card"
    // The signed text
    case jwsForm = "jws-form"
    case headerAlgorithm = "header-algorithm"
    case headerCompression = "header-compression"
    case headerKey = "header-key"
    case headerOther = "header-other"
    case compression = "compression"
    // The issuer's keys
    case keyMissing = "key-missing"
    case keyType = "key-type"
    case keyUse = "key-use"
    case keyAlgorithm = "key-algorithm"
    case keyCurve = "key-curve"
    case keyName = "key-name"
    case keyPrivate = "key-private"
    case keyPoint = "key-point"
    case certificateForm = "certificate-form"
    case certificateKey = "certificate-key"
    case certificateName = "certificate-name"
    case certificateChain = "certificate-chain"
    case certificateTime = "certificate-time"
    case signature = "signature"
    case issuerUnknown = "issuer-unknown"
    // What it says
    case payloadForm = "payload-form"
    case issuerAddress = "issuer-address"
    case timeForm = "time-form"
    case milliseconds = "milliseconds"
    case notYetValid = "not-yet-valid"
    case expired = "expired"
    case cardType = "card-type"
    case contentType = "content-type"
    case unneededType = "unneeded-type"
    case unknownType = "unknown-type"
    case fhirVersion = "fhir-version"
    case revocationID = "revocation-id"
    case bundleForm = "bundle-form"
    case fullURL = "full-url"
    case reference = "reference"
    case resourceID = "resource-id"
    case meta = "meta"
    case text = "text"
    case display = "display"
    case resourceInvalid = "resource-invalid"
    case patient = "patient"
    case immunization = "immunization"
    // Whether it was taken back
    case listMissing = "list-missing"
    case listMethod = "list-method"
    case listVersion = "list-version"
    case listID = "list-id"
    case revoked = "revoked"
  }

  public let code: Code
  public let weight: Weight
  /// Where, as a path in the card's payload or in the key set; nil for the whole.
  public let place: String?
  /// A sentence for people.
  public let text: String

  init(_ code: Code, _ text: String, place: String? = nil, weight: Weight = .error) {
    self.code = code
    self.weight = weight
    self.place = place
    self.text = text
  }
}

extension Sequence where Element == HealthCardFinding {
  /// Whether any of them is more than a warning.
  public var hasErrors: Bool { contains { $0.weight == .error } }
}
