import Crypto
import FHIR
import Primitives

/// A card's signed text taken apart (RFC 7515, compact). **Nothing in it is to be believed** before its
/// signature was checked.
public struct HealthCardToken: Sendable {
  /// Longest signed text, in bytes.
  public static let maximumLength = 512 << 10
  /// Largest payload once it is expanded, in bytes.
  public static let maximumPayload = 4 << 20

  /// SHA-256 over the signed text, in hex: the card's name in logs, which says nothing of it.
  public let digest: String
  /// `kid` of the header.
  public let keyID: String?
  /// The payload, expanded; nil where it cannot be.
  public let payload: [UInt8]?
  /// What is wrong with the form.
  public let findings: [HealthCardFinding]
  /// What was signed, and the signature; nil where the text has not the form of a signed one.
  let signed: (message: [UInt8], signature: [UInt8])?

  public init(_ text: String) {
    digest = Hex.encode(Array(SHA256.hash(data: Array(text.utf8))))
    var reader = Reader()
    reader.read(text)
    keyID = reader.keyID
    payload = reader.payload
    findings = reader.findings
    signed = reader.signed
  }

  private struct Reader {
    var keyID: String?
    var payload: [UInt8]?
    var findings: [HealthCardFinding] = []
    var signed: (message: [UInt8], signature: [UInt8])?

    mutating func add(
      _ code: HealthCardFinding.Code, _ text: String, weight: HealthCardFinding.Weight = .error
    ) {
      findings.append(HealthCardFinding(code, text, weight: weight))
    }

    mutating func read(_ text: String) {
      let bytes = Array(text.utf8)
      guard bytes.count <= HealthCardToken.maximumLength else {
        return add(.tooLarge, "a card is longer than \(HealthCardToken.maximumLength) bytes")
      }
      let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard parts.count == 3, let header = Self.decode(parts[0]),
        let body = Self.decode(parts[1]), let signature = Self.decode(parts[2])
      else { return add(.jwsForm, "a card has three parts in base64url") }
      if bytes.count > NumericText.singleLimit {
        add(.longCard, "this card is too long for one QR code", weight: .warning)
      }
      guard signature.count == 64 else {
        return add(.jwsForm, "a signature of ES256 has 64 bytes")
      }
      signed = (Array(bytes[..<parts[1].endIndex]), signature)
      guard readHeader(header) else { return }
      do {
        payload = try RawDeflate.expand(body, limit: HealthCardToken.maximumPayload)
      } catch {
        add(error.code == .tooLarge ? .tooLarge : .compression, error.reason)
      }
    }

    /// - Returns: whether the payload can be read.
    private mutating func readHeader(_ header: [UInt8]) -> Bool {
      let limits = JSONLimits(maximumBytes: 16 << 10, maximumDepth: 4, maximumNodes: 64)
      guard let root = try? JSONDocument(parsing: header, limits: limits).root,
        root.kind == .object
      else {
        add(.jwsForm, "the header is not a JSON object")
        return false
      }
      if root["alg"]?.string != "ES256" { add(.headerAlgorithm, "cards are signed with ES256") }
      keyID = root["kid"]?.string
      if keyID?.isEmpty ?? true { add(.headerKey, "the header names no key") }
      // A header that demands to be understood, or brings its own key, is not.
      if root["crit"] != nil || root["jwk"] != nil || root["b64"] != nil {
        add(.headerOther, "the header has a member that cards do not have")
      }
      guard root["zip"]?.string == "DEF" else {
        add(.headerCompression, "the payload of a card is compressed (zip: DEF)")
        return false
      }
      return true
    }

    private static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
      Base64URL.decode(String(decoding: part, as: UTF8.self))
    }
  }
}
