/// How references appear in the index: one to this server by the id alone, which hardly ever two
/// types share; others by their URL, without version.
enum ReferenceTerm {
  static func term(of literal: ReferenceValue.Literal) -> String {
    switch literal {
    case .target(let target): target.base == nil ? target.id : target.unversioned
    case .canonical(let url, _): url
    case .other(let url): url
    }
  }
}

/// How strings appear in the index: the first scalars from each beginning of a word, without white
/// space at their end. Names and addresses, which people are looked for by, have two such terms for
/// each word; other texts have one.
enum StringTerm {
  /// How many scalars the terms of an element have.
  static func lengths(of element: String, _ type: SearchPath.ElementType) -> [Int] {
    type == .humanName || type == .address || element == "name" || element == "alias"
      ? [2, 5] : [3]
  }

  static func terms(of text: SearchText, _ lengths: [Int]) -> [String] {
    var terms: [String] = []
    for tail in text.tails {
      for length in lengths {
        if let prefix = Self.prefix(tail, length) { terms.append(prefix) }
      }
    }
    return terms
  }

  /// The term under which texts are found that have a word beginning with `text`; nil where that is
  /// shorter than the shortest.
  static func prefix(_ text: SearchText, _ lengths: [Int]) -> String? {
    for length in lengths.reversed() {
      if let prefix = Self.prefix(text.normalized[...], length) { return prefix }
    }
    return nil
  }

  private static func prefix(_ text: Substring, _ length: Int) -> String? {
    var prefix = text.unicodeScalars.prefix(length)
    guard prefix.count == length else { return nil }
    while prefix.last == " " { prefix.removeLast() }
    return String(prefix)
  }
}

/// How URIs appear in the index: whole, and behind `<` the part that all below it share.
enum UriTerm {
  /// More ancestors than this are left to the exact check.
  private static let maximumAncestors = 32

  static func terms(of uri: UriValue) -> [String] {
    let whole = CanonicalText.split(uri.text).url
    return [whole] + (UriHierarchy.root(of: whole).map { ["<" + $0] } ?? [])
  }

  static func terms(of wanted: UriCondition) -> [String]? {
    let whole = CanonicalText.split(wanted.text).url
    switch wanted.comparison {
    case .same: return [whole]
    case .below: return UriHierarchy.root(of: whole).map { ["<" + $0] }
    case .above:
      let ancestors = UriHierarchy.ancestors(of: whole)
      return ancestors.count <= maximumAncestors ? ancestors : nil
    }
  }
}

/// How numbers appear in the index: by sign, power of ten and first two digits (`2:13` is everything
/// from 130 to below 140, `n2:13` the same below zero); zero by itself, and ranges under `*`.
enum NumberTerms {
  private static let range = "*"

  static func term(of interval: NumberInterval) -> String {
    guard let number = interval.number else { return range }
    guard let (power, digits) = number.leading else { return "0" }
    return term(isNegative: number.significand < 0, power * 90 + digits - 10)
  }

  /// Terms of which every number between the two, both included, has one; nil where that takes more
  /// than `SearchLimits.numberTerms`, as it does around zero.
  static func cover(_ low: DecimalNumber, _ high: DecimalNumber) -> [String]? {
    let isNegative = high.significand < 0
    guard isNegative || low.significand > 0 else { return nil }
    let (small, large) = isNegative ? (high, low) : (low, high)
    guard let first = small.leading, let last = large.leading else { return nil }
    let start = first.power * 90 + first.digits - 10
    let end = last.power * 90 + last.digits - 10
    guard start <= end, end - start < SearchLimits.numberTerms else { return nil }
    return [range] + (start...end).map { term(isNegative: isNegative, $0) }
  }

  /// `place` counts the steps of two digits, 90 to a power of ten.
  private static func term(isNegative: Bool, _ place: Int) -> String {
    let power = place >= 0 ? place / 90 : (place - 89) / 90
    return "\(isNegative ? "n" : "")\(power):\(place - power * 90 + 10)"
  }
}
