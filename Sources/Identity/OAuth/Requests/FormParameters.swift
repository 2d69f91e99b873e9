/// The parameters of a request, from a query or a form body (RFC 6749 appendix B). Each is there once
/// (section 3.1): whoever reads the first and whoever reads the last must read the same.
public struct FormParameters: Sendable, Hashable {
  /// Largest text in bytes.
  public static let maximumLength = 65_536
  /// The most parameters.
  public static let maximumCount = 64

  private let values: [String: String]

  /// Reads `application/x-www-form-urlencoded`. A parameter without a value counts as absent
  /// (section 3.1).
  ///
  /// - Throws: `invalid_request`.
  public init(parsing bytes: [UInt8]) throws(OAuthError) {
    guard bytes.count <= Self.maximumLength else {
      throw OAuthError(.invalidRequest, "the request is too long")
    }
    let parts = bytes.split(separator: UInt8(ascii: "&"))
    guard parts.count <= Self.maximumCount else {
      throw OAuthError(.invalidRequest, "the request has too many parameters")
    }
    var values: [String: String] = [:]
    var seen: Set<String> = []
    for part in parts {
      let pair = part.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.text(pair.first), let value = Self.text(pair.dropFirst().first ?? [])
      else {
        throw OAuthError(.invalidRequest, "the request is not a form in UTF-8")
      }
      // Names are ASCII, so that two that look alike to somebody are not two here.
      guard name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !name.isEmpty else {
        throw OAuthError(.invalidRequest, "a parameter has an impossible name")
      }
      guard seen.insert(name).inserted else {
        throw OAuthError(.invalidRequest, "a parameter stands there twice")
      }
      if !value.isEmpty { values[name] = value }
    }
    self.values = values
  }

  /// Reads a query, without its question mark.
  ///
  /// - Throws: `invalid_request`.
  public init(query: String) throws(OAuthError) { try self.init(parsing: Array(query.utf8)) }

  /// The value of a parameter, never empty.
  public subscript(name: String) -> String? { values[name] }

  /// The value of a parameter of at most `limit` bytes.
  ///
  /// - Throws: `invalid_request`.
  func value(_ name: String, limit: Int) throws(OAuthError) -> String? {
    guard let value = values[name] else { return nil }
    guard value.utf8.count <= limit else {
      throw OAuthError(.invalidRequest, "\(name) is longer than \(limit) bytes")
    }
    return value
  }

  /// The value of a parameter that must be there.
  ///
  /// - Throws: `invalid_request`.
  func required(_ name: String, limit: Int) throws(OAuthError) -> String {
    guard let value = try value(name, limit: limit) else {
      throw OAuthError(.invalidRequest, "\(name) is missing")
    }
    return value
  }

  /// Nil for a broken escape, for control characters, and for what is not UTF-8.
  private static func text(_ part: ArraySlice<UInt8>?) -> String? {
    guard let part, let bytes = PercentEncoding.decode(Array(part), plusIsSpace: true),
      bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
