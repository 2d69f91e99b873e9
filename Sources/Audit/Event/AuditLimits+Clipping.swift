extension AuditLimits {
  /// The longest beginning of a text from outside that fits into an event: at most `limit` bytes,
  /// control characters turned into spaces. Nil where nothing is left.
  ///
  /// A display name or a user agent is no reason to refuse a request, still less a way to keep
  /// an event out of the log.
  public static func clipped(_ text: String, to limit: Int = AuditLimits.name) -> String? {
    // Nearly every text is short and plain.
    if !text.isEmpty, text.utf8.count <= limit, text.utf8.allSatisfy({ $0 >= 0x20 }) { return text }
    var result = String.UnicodeScalarView()
    var length = 0
    for scalar in text.unicodeScalars {
      length += UTF8.width(scalar)
      if length > limit { break }
      result.append(scalar.value < 0x20 ? " " : scalar)
    }
    return result.isEmpty ? nil : String(result)
  }
}
