public import Primitives

/// How and when the user signed in, as tokens tell it (OpenID Connect Core section 2, RFC 9068
/// section 2.2.1).
public struct AuthenticationContext: Sendable, Hashable, Codable {
  /// When (`auth_time`).
  public let time: Instant
  /// The assurance (`acr`), nil where none is claimed.
  public let level: String?
  /// By which means (`amr`, RFC 8176): `hwk`, `pwd`, `otp`, `mfa`.
  public let methods: [String]

  public init(time: Instant, level: String?, methods: [String]) {
    self.time = time
    self.level = level
    self.methods = methods
  }

  var members: [OAuthJSON.Member] {
    var members = [OAuthJSON.Member(name: "auth_time", value: .date(time))]
    if let level { members.append(OAuthJSON.Member(name: "acr", value: .string(level))) }
    if !methods.isEmpty {
      members.append(OAuthJSON.Member(name: "amr", value: .strings(methods)))
    }
    return members
  }

  /// Reads the three claims; nil where there is no `auth_time`.
  init?(_ reader: ClaimReader) throws {
    guard let time = try reader.optionalDate("auth_time") else { return nil }
    let methods = reader.claims["amr"]?.elements ?? []
    guard methods.count <= 16 else {
      throw PeerChartError(.tooLarge, "a token names too many means", place: "amr")
    }
    self.init(
      time: time, level: try reader.claims.text("acr", limit: 128),
      methods: methods.compactMap(\.string))
  }
}
