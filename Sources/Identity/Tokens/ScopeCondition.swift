import Primitives

/// The query of a scope: `?category=laboratory` in `patient/Observation.rs?category=laboratory`
/// (SMART App Launch 2.2, finer-grained resource constraints using search parameters).
///
/// Conditions only ever narrow. So a parameter is a plain search parameter: no modifier, no chain, none
/// of those that begin with `_` (`_include` would widen, `_count` is none at all). All must hold; the
/// alternatives in one value are separated by commas, as in a search.
public struct ScopeCondition: Sendable, Hashable {
  /// The most parameters in one condition.
  public static let limit = 8

  /// One parameter.
  public struct Parameter: Sendable, Hashable, Comparable {
    /// The search parameter: `category`.
    public let name: String
    /// Its value, decoded; commas and `|` as in a search.
    public let value: String

    public static func < (a: Self, b: Self) -> Bool { (a.name, a.value) < (b.name, b.value) }
  }

  /// The parameters in the order of their names; never empty.
  public let parameters: [Parameter]

  /// Reads what stands behind the question mark.
  ///
  /// - Throws: `malformed`, `tooLarge`, or `notSupported` for parameters that do more than narrow.
  init(query: some StringProtocol) throws {
    let parts = query.split(separator: "&", omittingEmptySubsequences: false)
    guard parts.count <= Self.limit else {
      throw PeerChartError(.tooLarge, "a scope has more than \(Self.limit) parameters")
    }
    let parameters = try parts.map { part in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, let value = Self.decode(pair[1]), !value.isEmpty else {
        throw PeerChartError(.malformed, "a scope's parameter has a name and a value")
      }
      guard Self.isPlainName(pair[0]) else {
        throw PeerChartError(
          .notSupported, "a scope is narrowed by plain search parameters, such as category")
      }
      return Parameter(name: String(pair[0]), value: value)
    }
    self.parameters = Set(parameters).sorted()
  }

  private init(parameters: Set<Parameter>) { self.parameters = parameters.sorted() }

  /// What meets both; nil for more parameters than a condition may have.
  func and(_ other: ScopeCondition) -> ScopeCondition? {
    let all = Set(parameters).union(other.parameters)
    return all.count <= Self.limit ? ScopeCondition(parameters: all) : nil
  }

  /// Whether everything that meets this meets `other` as well, as far as the words tell.
  func implies(_ other: ScopeCondition) -> Bool {
    Set(other.parameters).isSubset(of: parameters)
  }

  /// Lower-case letters in words joined by hyphens, as search parameters are called.
  private static func isPlainName(_ text: some StringProtocol) -> Bool {
    let words = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return text.utf8.count <= 64
      && words.allSatisfy { word in
        !word.isEmpty && word.allSatisfy { (0x61...0x7A).contains($0) }
      }
  }

  /// Undoes percent-encoding; nil for a broken one, for control characters and for what is not UTF-8.
  private static func decode(_ text: some StringProtocol) -> String? {
    guard let bytes = PercentEncoding.decode(Array(text.utf8), plusIsSpace: false),
      bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension ScopeCondition: CustomStringConvertible {
  /// The query in its one text form, without the question mark. It is a search as well.
  public var description: String {
    parameters.map { "\($0.name)=\(PercentEncoding.encode($0.value, keeping: Self.readable))" }
      .joined(separator: "&")
  }

  /// What may stand in a scope (RFC 6749 section 3.3) and in a query without being mistaken.
  private static let readable = Set(":/|,.-_~!$'()*;@".utf8)
}
