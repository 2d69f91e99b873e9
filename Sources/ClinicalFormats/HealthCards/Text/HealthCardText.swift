import FHIR
import Primitives

/// What somebody hands over as health cards, whatever form it has: a `.smart-health-card` file, the answer of
/// FHIR's `$health-cards-issue`, the text of QR codes, or the signed text itself.
public struct HealthCardText: Sendable {
  /// The extension of files (SMART Health Cards 1.4, "via File Download").
  public static let fileExtension = ".smart-health-card"
  /// The media type of such files.
  public static let mediaType = "application/smart-health-card"
  /// Largest input in bytes.
  public static let maximumBytes = 2 << 20
  /// The most cards in it.
  public static let maximumCards = 64

  /// The signed texts, in the order in which they stand.
  public let cards: [String]
  /// What is wrong with the form in which they came.
  public let findings: [HealthCardFinding]

  /// - Parameter name: what the file is called, where it is one.
  public init(_ bytes: [UInt8], name: String? = nil) {
    guard bytes.count <= Self.maximumBytes else {
      let text = "this is larger than \(Self.maximumBytes >> 20) MiB"
      self.init([], [HealthCardFinding(.tooLarge, text)])
      return
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      self.init([], [HealthCardFinding(.noCard, "there is no health card in this")])
      return
    }
    let trimmed = text.trimmed
    if trimmed.hasPrefix("{") {
      self.init(file: Array(trimmed.utf8), name: name)
      return
    }
    // Codes and signed texts are pasted; an end of line behind one is no fault of the card.
    var findings: [HealthCardFinding] = []
    let ended = text.hasSuffix("\n") ? text.dropLast() : text[...]
    if ended.utf8.count != trimmed.utf8.count {
      findings.append(
        HealthCardFinding(.surroundingCharacters, "there are characters around the card"))
    }
    guard trimmed.lowercased().hasPrefix(NumericText.scheme) else {
      let isOne = trimmed.utf8.split(separator: UInt8(ascii: ".")).count == 3
      self.init(
        isOne ? [trimmed] : [],
        isOne ? findings : [HealthCardFinding(.noCard, "there is no health card in this")])
      return
    }
    let codes = trimmed.split(whereSeparator: \.isNewline).map { $0.lowercasedScheme }
    guard codes.count <= NumericText.maximumChunks else {
      self.init([], [HealthCardFinding(.tooLarge, "these are too many codes")])
      return
    }
    let decoded = NumericText.decode(codes)
    self.init(decoded.card.map { [$0] } ?? [], findings + decoded.findings)
  }

  private init(_ cards: [String], _ findings: [HealthCardFinding]) {
    self.cards = cards
    self.findings = findings
  }

  private init(file bytes: [UInt8], name: String?) {
    let limits = JSONLimits(
      maximumBytes: Self.maximumBytes, maximumDepth: 32, maximumNodes: 100_000)
    guard let root = try? JSONDocument(parsing: bytes, limits: limits).root else {
      self.init([], [HealthCardFinding(.fileForm, "the file is not JSON")])
      return
    }
    let values: [JSONValue]
    var findings: [HealthCardFinding] = []
    if root["resourceType"]?.string == "Parameters" {
      values = (root["parameter"]?.elements.map { $0 } ?? []).filter {
        $0["name"]?.string == "verifiableCredential"
      }.compactMap { $0["valueString"] }
    } else {
      values = root["verifiableCredential"]?.elements.map { $0 } ?? []
      if let name, !name.lowercased().hasSuffix(Self.fileExtension) {
        findings.append(
          HealthCardFinding(
            .fileName, "a file of health cards is named *\(Self.fileExtension)", weight: .warning))
      }
    }
    let cards = values.compactMap(\.string)
    guard !cards.isEmpty, cards.count == values.count else {
      let text = "a file of health cards has an array of texts, verifiableCredential"
      self.init([], findings + [HealthCardFinding(.fileForm, text)])
      return
    }
    guard cards.count <= Self.maximumCards else {
      self.init([], [HealthCardFinding(.tooLarge, "these are too many cards")])
      return
    }
    self.init(cards, findings)
  }

  /// A file that holds cards.
  public static func file(_ cards: [String]) -> [UInt8] {
    JSONTree.object([("verifiableCredential", .array(cards.map(JSONTree.string)))]).serialized()
  }
}

extension StringProtocol {
  /// Without white space and byte order marks around it.
  fileprivate var trimmed: String {
    let isOutside: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace || $0 == "\u{FEFF}" }
    let scalars = Array(unicodeScalars)
    let head = scalars.prefix(while: isOutside).count
    let tail = scalars[head...].reversed().prefix(while: isOutside).count
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[head..<scalars.count - tail])
    return String(text)
  }

  /// Schemes are the same in capitals, which some codes use.
  fileprivate var lowercasedScheme: String {
    let text = String(self).trimmed
    guard text.lowercased().hasPrefix(NumericText.scheme) else { return text }
    return NumericText.scheme + text.dropFirst(NumericText.scheme.utf8.count)
  }
}
