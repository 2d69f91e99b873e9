import Primitives

/// JSON as the OAuth standards use it: small objects from strangers. Every name in an object is there
/// once, nesting is shallow, and a number keeps its literal.
enum OAuthJSON: Sendable, Hashable {
  case object([Member])
  case array([OAuthJSON])
  case string(String)
  case number(String)
  case bool(Bool)
  case null

  struct Member: Sendable, Hashable {
    let name: String
    let value: OAuthJSON
  }

  /// The value of an object's member; nil where there is none, also for the literal `null`.
  subscript(name: String) -> OAuthJSON? {
    guard case .object(let members) = self,
      let member = members.first(where: { $0.name.isIdentical(to: name) }), member.value != .null
    else { return nil }
    return member.value
  }

  var string: String? { if case .string(let text) = self { text } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var elements: [OAuthJSON]? { if case .array(let elements) = self { elements } else { nil } }
  var members: [Member]? { if case .object(let members) = self { members } else { nil } }

  /// Seconds since 1970 (RFC 7519 `NumericDate`); a fraction is cut off. Nil for exponents, for what
  /// lies before 1970, and for what no calendar reaches.
  var numericDate: Instant? {
    guard case .number(let literal) = self, !literal.contains(where: { $0 == "e" || $0 == "E" }),
      let whole = literal.split(separator: ".").first, let seconds = Int64(whole),
      (0...253_402_300_799).contains(seconds)
    else { return nil }
    return Instant(epochSeconds: seconds)
  }
}

extension OAuthJSON {
  /// An object without those members that are nil.
  static func object(_ members: KeyValuePairs<String, OAuthJSON?>) -> OAuthJSON {
    .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
  }

  static func date(_ time: Instant) -> OAuthJSON { .number(String(time.epochSeconds)) }
  static func integer(_ value: Int64) -> OAuthJSON { .number(String(value)) }

  static func strings(_ texts: some Sequence<String>) -> OAuthJSON {
    .array(texts.map { .string($0) })
  }
}

extension String {
  /// Whether these are the same scalars. `==` takes canonically equivalent texts for equal, and some
  /// of those (the Kelvin sign) are equivalent to ASCII letters.
  func isIdentical(to other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension Instant {
  init(epochSeconds: Int64) {
    self = Instant(millisecondsSinceEpoch: 0).adding(seconds: epochSeconds)
  }

  /// Whole seconds since 1970, rounded down.
  var epochSeconds: Int64 {
    let (quotient, remainder) = millisecondsSinceEpoch.quotientAndRemainder(dividingBy: 1000)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
