import Primitives

/// One key of `_sort` (R4 3.1.1.5.1).
public struct SearchSortKey: Hashable, Sendable {
  public let parameter: SearchParameter
  public let isDescending: Bool

  /// Reads the parts of `_sort=-date,name`.
  static func keys(_ text: String, of type: String) throws(PeerChartError) -> [SearchSortKey] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= SearchLimits.sortKeys else {
      throw PeerChartError(.invalid, "more than \(SearchLimits.sortKeys) keys")
    }
    var keys: [SearchSortKey] = []
    for part in parts {
      let isDescending = part.first == "-"
      let name = isDescending ? part.dropFirst() : part
      guard let parameter = SearchParameterTable.standard.parameter(name, of: type) else {
        throw PeerChartError(.invalid, "a key of _sort is no search parameter of that type")
      }
      guard parameter.kind != .composite, parameter.kind != .special else {
        throw PeerChartError(
          .invalid, "results cannot be sorted by \(parameter.kind.rawValue) parameters")
      }
      keys.append(SearchSortKey(parameter: parameter, isDescending: isDescending))
    }
    return keys
  }

  /// What a resource is sorted by: of several values the smallest, or descending the greatest. Nil
  /// where it has none: such a resource comes last in either direction.
  public func value(of resource: Resource) -> SearchSortValue? {
    let source = parameter.source
    let root = resource.root
    let values: [SearchSortValue] =
      switch parameter.kind {
      case .token: source.tokens(in: root).map { Self.text($0.code) }
      case .reference:
        source.references(in: root).compactMap(\.literal).map {
          Self.text(ReferenceTerm.text(of: $0))
        }
      case .date: source.dates(in: root).map { .time(isDescending ? $0.end : $0.start) }
      case .string: source.strings(in: root).map { Self.text($0.normalized) }
      case .number: source.numbers(in: root).compactMap { value(of: $0) }
      case .quantity: source.quantities(in: root).compactMap { value(of: $0.interval) }
      case .uri: source.uris(in: root).map { Self.text($0.text) }
      case .composite, .special: []
      }
    return isDescending ? values.max() : values.min()
  }

  /// Cut, since it goes into cursors.
  private static func text(_ text: String) -> SearchSortValue {
    .text(String(text.unicodeScalars.prefix(SearchLimits.scalarsInSortValue)))
  }

  private func value(of interval: NumberInterval) -> SearchSortValue? {
    let end = isDescending ? interval.high ?? interval.low : interval.low ?? interval.high
    return end.map { .number(SearchNumber($0)) }
  }

  /// Whether a resource with the first value comes before one with the second; nil where this key does
  /// not tell them apart.
  public func precedes(_ a: SearchSortValue?, _ b: SearchSortValue?) -> Bool? {
    switch (a, b) {
    case (nil, nil): nil
    case (nil, _): false
    case (_, nil): true
    case (let a?, let b?): a < b ? !isDescending : b < a ? isDescending : nil
    }
  }
}

/// A value by which results are sorted.
public enum SearchSortValue: Hashable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z; the least and the greatest number for open ends.
  case time(Int64)
  case number(SearchNumber)
  /// Compared by its bytes, which for UTF-8 is the order of Unicode scalars.
  case text(String)

  private var rank: Int {
    switch self {
    case .time: 0
    case .number: 1
    case .text: 2
    }
  }
}

extension SearchSortValue: Comparable {
  /// A key gives values of one case only; between cases the order is fixed and has no meaning.
  public static func < (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.time(let a), .time(let b)): a < b
    case (.number(let a), .number(let b)): a < b
    case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
    default: a.rank < b.rank
    }
  }
}

extension SearchSortValue {
  /// A form for cursors that `init(encoded:)` reads back.
  public var encoded: String {
    switch self {
    case .time(let milliseconds): "t\(milliseconds)"
    case .number(let number): "n\(number.text)"
    case .text(let text): "s" + text
    }
  }

  /// Reads what `encoded` wrote; nil for anything else.
  public init?(encoded: String) {
    let rest = encoded.dropFirst()
    switch encoded.utf8.first {
    case 0x74:
      guard let milliseconds = Int64(rest) else { return nil }
      self = .time(milliseconds)
    case 0x6E:
      guard let number = DecimalNumber(rest) else { return nil }
      self = .number(SearchNumber(number))
    case 0x73: self = .text(String(rest))
    default: return nil
    }
  }
}

/// A decimal number without loss, compared by its value.
public struct SearchNumber: Hashable, Comparable, Sendable {
  private let number: DecimalNumber

  init(_ number: DecimalNumber) { self.number = number }

  /// As `1234e-2`.
  var text: String { "\(number.significand)e\(number.exponent)" }

  public static func == (a: Self, b: Self) -> Bool { a.number.isEqual(to: b.number) }

  public static func < (a: Self, b: Self) -> Bool { a.number < b.number }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(number.leading?.power)
    hasher.combine(number.leading?.digits)
  }
}

extension ReferenceTerm {
  /// A reference as it is sorted.
  static func text(of literal: ReferenceValue.Literal) -> String {
    if case .target(let target) = literal { return target.unversioned }
    return term(of: literal)
  }
}
