package import Primitives

/// A version of a resource as an entity tag, `W/"3"` (R4 3.1.0.1.3).
package enum EntityTag {
  package static func text(_ version: Int64) -> String { "W/\"\(version)\"" }

  /// The one version that `If-Match` names. The strong form and the bare number are taken too, as
  /// clients send all three.
  ///
  /// - Throws: `malformed` for a list, `*` or anything else.
  package static func version(
    ifMatch field: String, place: String = "If-Match"
  ) throws(PeerChartError) -> Int64 {
    guard let version = version(of: field.trimmingSpaces()) else {
      throw PeerChartError(
        .malformed, "this holds one version, written W/\"3\"", place: place)
    }
    return version
  }

  /// Whether `If-None-Match` names the version (weak comparison, RFC 9110 section 13.1.2).
  package static func matches(ifNoneMatch field: String, version: Int64) -> Bool {
    field.split(separator: ",").contains { part in
      let tag = part.trimmingSpaces()
      return tag == "*" || Self.version(of: tag) == version
    }
  }

  private static func version(of tag: Substring) -> Int64? {
    let strong = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    let isQuoted = strong.utf8.count > 2 && strong.hasPrefix("\"") && strong.hasSuffix("\"")
    guard isQuoted || strong.utf8.count == tag.utf8.count else { return nil }
    return DecimalDigits.parse((isQuoted ? strong.dropFirst().dropLast() : strong).utf8)
  }
}

extension StringProtocol {
  /// Without spaces and tabs at either end (`OWS` of RFC 9110 section 5.6.3).
  package func trimmingSpaces() -> Substring {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let first = firstIndex(where: { !isSpace($0) }),
      let last = lastIndex(where: { !isSpace($0) })
    else { return Substring() }
    return Substring(self[first...last])
  }
}
