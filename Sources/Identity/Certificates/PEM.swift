import Primitives

/// The textual form of a certificate (RFC 7468).
enum PEM {
  static func certificate(_ der: [UInt8]) -> String {
    let text = Base64.encode(der)
    var lines: [Substring] = ["-----BEGIN CERTIFICATE-----"]
    var rest = text[...]
    while !rest.isEmpty {
      lines.append(rest.prefix(64))
      rest = rest.dropFirst(64)
    }
    lines.append("-----END CERTIFICATE-----\n")
    return lines.joined(separator: "\n")
  }
}
