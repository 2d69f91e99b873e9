extension PrimitiveType {
  /// Whether a text has the form and the range that R4 2.24.0.1 gives for values of the type: for
  /// numbers their literal. A narrative is checked as XHTML elsewhere.
  public func isValid(_ text: String) -> Bool {
    switch self {
    case .boolean: text == "true" || text == "false"
    case .integer: Self.integer(text) != nil
    case .unsignedInt: Self.integer(text).map { $0 >= 0 } ?? false
    case .positiveInt: Self.integer(text).map { $0 >= 1 } ?? false
    case .decimal: JSONText.isNumber(text)
    case .string, .markdown: Self.isText(text)
    case .code: Self.isCode(text)
    case .id: Resource.isValidID(text)
    case .uri, .url, .canonical: !text.isEmpty && !text.utf8.contains { $0 <= 0x20 || $0 == 0x7F }
    case .oid: Self.isOID(text)
    case .uuid: Self.isUUID(text)
    case .date: PrimitiveDate(text).map { $0.time == nil } ?? false
    case .dateTime: PrimitiveDate(text) != nil
    case .instant: PrimitiveDate(text)?.time != nil
    case .time: PrimitiveDate.isTime(text[...])
    case .base64Binary: Self.isBase64(text)
    case .xhtml: !text.isEmpty
    }
  }

  /// 32 bits, without fraction or exponent.
  private static func integer(_ text: String) -> Int32? {
    guard !text.hasPrefix("+"), JSONText.isNumber(text) else { return nil }
    return Int32(text)
  }

  /// At most a megabyte, and no control characters but tab and line ends.
  private static func isText(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 1 << 20
      && !text.utf8.contains { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
  }

  /// Single spaces inside, none around.
  private static func isCode(_ text: String) -> Bool {
    var wasSpace = true
    for byte in text.utf8 {
      let isSpace = byte <= 0x20
      if isSpace && wasSpace { return false }
      wasSpace = isSpace
    }
    return !wasSpace
  }

  private static func isOID(_ text: String) -> Bool {
    guard text.hasPrefix("urn:oid:") else { return false }
    let arcs = text.dropFirst(8).split(separator: ".", omittingEmptySubsequences: false)
    guard arcs.count > 1, let first = arcs.first, ["0", "1", "2"].contains(first) else {
      return false
    }
    return arcs.allSatisfy { arc in
      !arc.isEmpty && arc.utf8.allSatisfy { (0x30...0x39).contains($0) }
        && (arc == "0" || !arc.hasPrefix("0"))
    }
  }

  private static func isUUID(_ text: String) -> Bool {
    guard text.hasPrefix("urn:uuid:") else { return false }
    let groups = text.dropFirst(9).split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { $0.utf8.allSatisfy(\.isHexDigit) }
  }

  /// RFC 4648 with padding; white space is allowed.
  private static func isBase64(_ text: String) -> Bool {
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: continue
      case 0x3D: padding += 1
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F:
        if padding > 0 { return false }
      default: return false
      }
      count += 1
    }
    return count > 0 && count % 4 == 0 && padding <= 2
  }
}

extension UInt8 {
  fileprivate var isHexDigit: Bool {
    (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
  }
}
