public import Primitives

extension TOTPSecret {
  /// What is shown as a QR code: `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…`, the key URI format
  /// of authenticator apps. It holds the secret: shown once, never logged, never sent by mail.
  ///
  /// - Parameter issuer: the node's name as the person knows it. A colon, which the format has for
  ///   itself, becomes a blank.
  /// - Parameter account: the log-in name.
  public func keyURI(issuer: String, account: String) -> Redacted<String> {
    let issuer = Self.escape(issuer)
    let account = Self.escape(account)
    // Also what the apps take for granted is said: some read what others do not.
    let parameters = "algorithm=SHA1&digits=\(Self.digits)&period=\(Self.stepLength / 1000)"
    return Redacted(
      "otpauth://totp/\(issuer):\(account)?secret=\(Base32.encode(key.exposed))"
        + "&issuer=\(issuer)&\(parameters)")
  }

  /// The secret for typing it in: base32 in groups of four.
  public var manualEntry: Redacted<String> {
    let text = Array(Base32.encode(key.exposed))
    return Redacted(
      stride(from: 0, to: text.count, by: 4).map { String(text[$0..<min($0 + 4, text.count)]) }
        .joined(separator: " "))
  }

  /// Percent-encodes all but RFC 3986's unreserved characters.
  private static func escape(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        String(Unicode.Scalar(byte))
      case 0x3A: "%20"
      default: "%" + Hex.encode([byte]).uppercased()
      }
    }.joined()
  }
}
