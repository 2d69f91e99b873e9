import Primitives

/// Reads the registered claims of a JWT (RFC 7519 section 4.1) whose signature has been checked.
struct ClaimReader {
  let claims: OAuthJSON

  /// A claim that must be there, of 1 to `limit` bytes.
  func text(_ name: String, limit: Int = 256) throws -> String {
    guard let text = try claims.text(name, limit: limit), !text.isEmpty else {
      throw PeerChartError(.malformed, "a claim is missing", place: name)
    }
    return text
  }

  func date(_ name: String) throws -> Instant {
    guard let date = try optionalDate(name) else {
      throw PeerChartError(.malformed, "a claim is missing", place: name)
    }
    return date
  }

  func optionalDate(_ name: String) throws -> Instant? {
    guard let value = claims[name] else { return nil }
    guard let date = value.numericDate else {
      throw PeerChartError(.malformed, "a claim is no time in seconds", place: name)
    }
    return date
  }

  /// The audience, which here is always one: a text that is meant for several can be taken from one to
  /// the other.
  func audience() throws -> String {
    if let elements = claims["aud"]?.elements {
      guard elements.count == 1, let audience = elements.first?.string else {
        throw PeerChartError(.unauthenticated, "a token is for one audience", place: "aud")
      }
      return audience
    }
    return try text("aud", limit: 2048)
  }

  /// - Throws: `unauthenticated` for an audience that is none of these.
  func requireAudience(_ expected: some Sequence<String>) throws {
    let audience = try audience()
    guard expected.contains(where: { $0.isIdentical(to: audience) }) else {
      throw PeerChartError(.unauthenticated, "a token for somebody else", place: "aud")
    }
  }

  /// Checks `exp`, `nbf` and `iat` against the clock, which may be off by a minute.
  ///
  /// - Parameter lifetime: the longest time from now, or from `iat`, to `exp`, in seconds.
  /// - Returns: the end of its time.
  /// - Throws: `unauthenticated` outside of its time.
  @discardableResult
  func requireTime(at now: Instant, lifetime: Int64) throws -> Instant {
    let skew = TokenLifetime.clockSkew
    let expires = try date("exp")
    let early = now.adding(seconds: skew)
    guard now < expires.adding(seconds: skew) else {
      throw PeerChartError(.unauthenticated, "a token has run out", place: "exp")
    }
    guard expires <= early.adding(seconds: lifetime) else {
      throw PeerChartError(.unauthenticated, "a token lives longer than allowed", place: "exp")
    }
    for name in ["nbf", "iat"] {
      guard let time = try optionalDate(name) else { continue }
      guard time <= early else {
        throw PeerChartError(.unauthenticated, "a token of the future", place: name)
      }
      guard name != "iat" || expires <= time.adding(seconds: lifetime + skew) else {
        throw PeerChartError(.unauthenticated, "a token lives longer than allowed", place: name)
      }
    }
    return expires
  }
}
