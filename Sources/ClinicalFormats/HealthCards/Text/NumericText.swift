public import Primitives

/// The text of a card's QR codes: `shc:/` and two digits for each character of the signed text
/// (SMART Health Cards 1.4, "Encoding Chunks as QR Codes").
public enum NumericText {
  static let scheme = "shc:/"
  /// Characters of a card that one code holds (version 22 at level L).
  public static let singleLimit = 1195
  /// Characters of each part where one code is not enough.
  static let chunkLimit = 1191
  /// Most parts that are read.
  public static let maximumChunks = 99

  /// The texts of the codes, one where that is enough. Parts are of nearly the same length.
  ///
  /// - Throws: `invalid` for a text that is no card, `tooLarge` for one of more than 99 parts.
  public static func encode(_ card: String) throws(PeerChartError) -> [String] {
    let bytes = Array(card.utf8)
    guard !bytes.isEmpty, bytes.allSatisfy({ (45...122).contains($0) }) else {
      throw PeerChartError(.invalid, "this is not the text of a card")
    }
    guard bytes.count > singleLimit else { return [scheme + digits(bytes[...])] }
    let count = (bytes.count + chunkLimit - 1) / chunkLimit
    guard count <= maximumChunks else {
      throw PeerChartError(.tooLarge, "this card is too long for codes")
    }
    let (size, larger) = bytes.count.quotientAndRemainder(dividingBy: count)
    var start = 0
    return (0..<count).map { number in
      let end = start + size + (number < larger ? 1 : 0)
      defer { start = end }
      return "\(scheme)\(number + 1)/\(count)/\(digits(bytes[start..<end]))"
    }
  }

  private static func digits(_ bytes: ArraySlice<UInt8>) -> String {
    String(
      decoding: bytes.flatMap { byte in
        let value = byte - 45
        return [0x30 + value / 10, 0x30 + value % 10]
      }, as: UTF8.self)
  }

  /// Puts the texts of one card's codes together, in whatever order they were read.
  ///
  /// - Returns: the signed text where it could be put together, and what is wrong.
  static func decode(_ texts: [String]) -> (card: String?, findings: [HealthCardFinding]) {
    var findings: [HealthCardFinding] = []
    var parts: [Int: [UInt8]] = [:]
    var total: Int?
    for text in texts {
      guard let part = Part(text) else {
        return (nil, [HealthCardFinding(.numericForm, "shc:/ is followed by pairs of digits")])
      }
      if part.isMarked, part.total == 1 {
        findings.append(
          HealthCardFinding(
            .chunkHeader, "a card in one code does not say that it is part 1 of 1",
            weight: .warning))
      }
      guard total ?? part.total == part.total, parts[part.number] == nil else {
        return (nil, findings + [Self.mixed])
      }
      total = part.total
      parts[part.number] = part.bytes
    }
    guard let total, parts.count == total else {
      let text = "of the card's codes some are missing"
      return (nil, findings + [HealthCardFinding(.chunkMissing, text)])
    }
    let bytes = (1...total).flatMap { parts[$0] ?? [] }
    return (String(decoding: bytes, as: UTF8.self), findings)
  }

  private static let mixed = HealthCardFinding(
    .chunkHeader, "these codes are of different cards, or one is there twice")

  private struct Part {
    var number = 1
    var total = 1
    var isMarked = false
    let bytes: [UInt8]

    init?(_ text: String) {
      guard text.hasPrefix(scheme) else { return nil }
      let fields = text.dropFirst(scheme.utf8.count)
        .split(separator: "/", omittingEmptySubsequences: false)
      guard fields.count == 1 || fields.count == 3, let digits = fields.last,
        let bytes = Self.bytes(digits)
      else { return nil }
      self.bytes = bytes
      guard fields.count == 3 else { return }
      guard let number = Self.number(fields[0]), let total = Self.number(fields[1]),
        number <= total
      else { return nil }
      (self.number, self.total, isMarked) = (number, total, true)
    }

    private static func number(_ text: Substring) -> Int? {
      guard (1...2).contains(text.utf8.count), text.utf8.first != 0x30,
        text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
      else { return nil }
      return Int(text)
    }

    /// 77 stands for the last character that there can be (`z`).
    private static func bytes(_ digits: Substring) -> [UInt8]? {
      let digits = Array(digits.utf8)
      guard !digits.isEmpty, digits.count.isMultiple(of: 2),
        digits.allSatisfy({ (0x30...0x39).contains($0) })
      else { return nil }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(digits.count / 2)
      for index in stride(from: 0, to: digits.count, by: 2) {
        let value = (digits[index] - 0x30) * 10 + (digits[index + 1] - 0x30)
        guard value <= 77 else { return nil }
        bytes.append(value + 45)
      }
      return bytes
    }
  }
}
