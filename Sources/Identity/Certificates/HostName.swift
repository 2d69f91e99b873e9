/// A host as people write it: a DNS name or an IP address. No name is looked up here.
public enum HostName: Sendable, Hashable {
  /// Lower-case letters, digits and hyphens in labels (RFC 1123), 253 characters at most.
  case dns(String)
  /// Four bytes.
  case ipv4([UInt8])
  /// Sixteen bytes.
  case ipv6([UInt8])

  /// Reads a host; returns nil for what is neither. An IPv6 address may stand in brackets; a zone
  /// (`%eth0`) and the mixed form with dots are not accepted.
  public init?(_ text: some StringProtocol) {
    if let address = Self.parseIPv4(Array(text.utf8)) {
      self = .ipv4(address)
    } else if text.contains(":") {
      let bracketed = text.hasPrefix("[") && text.hasSuffix("]")
      let inner = bracketed ? String(text.dropFirst().dropLast()) : String(text)
      guard let address = Self.parseIPv6(inner) else { return nil }
      self = .ipv6(address)
    } else {
      // Only ASCII is put in lower case: Unicode's rules would turn the Kelvin sign into a k.
      let name = text.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
      guard Self.isDNSName(name) else { return nil }
      self = .dns(String(decoding: name, as: UTF8.self))
    }
  }

  /// Whether this is a name in its one form: labels of 1 to 63 characters, the last not all digits.
  static func isDNSName(_ name: [UInt8]) -> Bool {
    let labels = name.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard (1...253).contains(name.count), let last = labels.last,
      !last.allSatisfy({ isDigit($0) })
    else { return false }
    return labels.allSatisfy { label in
      (1...63).contains(label.count) && label.first != 0x2D && label.last != 0x2D
        && label.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0) || $0 == 0x2D }
    }
  }

  /// Four decimal numbers without leading zeros, which some readers take for octal.
  private static func parseIPv4(_ text: [UInt8]) -> [UInt8]? {
    let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.count), part.allSatisfy({ isDigit($0) }),
        part.count == 1 || part.first != 0x30,
        let number = UInt8(String(decoding: part, as: UTF8.self))
      else { return nil }
      address.append(number)
    }
    return address
  }

  /// Eight groups of up to four hexadecimal digits, one run of zeros written `::` (RFC 4291).
  private static func parseIPv6(_ text: String) -> [UInt8]? {
    guard text.utf8.count <= 39 else { return nil }
    let text = Array(text.utf8)
    let colons = text.indices.dropLast().first { text[$0] == 0x3A && text[$0 + 1] == 0x3A }
    guard let colons else {
      guard let groups = groups(text[...]), groups.count == 8 else { return nil }
      return bytes(groups)
    }
    guard let head = groups(text[..<colons]), let tail = groups(text[(colons + 2)...]),
      head.count + tail.count <= 7
    else { return nil }
    let zeros = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
    return bytes(head + zeros + tail)
  }

  private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    for part in text.split(separator: 0x3A, omittingEmptySubsequences: false) {
      let isHex = part.allSatisfy {
        isDigit($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0)
      }
      guard (1...4).contains(part.count), isHex,
        let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
      else { return nil }
      groups.append(group)
    }
    return groups
  }

  private static func bytes(_ groups: [UInt16]) -> [UInt8] {
    groups.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension HostName: CustomStringConvertible {
  /// The one text form; IPv6 as RFC 5952 writes it, without brackets.
  public var description: String {
    switch self {
    case .dns(let name): name
    case .ipv4(let bytes): bytes.map(String.init).joined(separator: ".")
    case .ipv6(let bytes): Self.text(ofIPv6: bytes)
    }
  }

  private static func text(ofIPv6 bytes: [UInt8]) -> String {
    let groups = stride(from: 0, to: bytes.count - 1, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    // The longest run of two or more zero groups, the first of equals, becomes "::".
    var best = 0..<0
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count, groups[end] == 0 { end += 1 }
      if end - start > max(1, best.count) { best = start..<end }
      start = max(end, start + 1)
    }
    func hex(_ groups: ArraySlice<UInt16>) -> String {
      groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
    if best.isEmpty { return hex(groups[...]) }
    return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
  }
}
