package import Primitives

/// The name-value pairs of a query or of a form (`application/x-www-form-urlencoded`), in order.
package struct QueryString: Sendable {
  /// Pairs beyond this many are refused before any is looked at.
  package static let maximumPairs = 256

  package private(set) var pairs: [(String, String)]

  package init(_ pairs: [(String, String)] = []) { self.pairs = pairs }

  /// - Throws: `malformed` for what cannot be decoded, `invalid` for too many pairs.
  package init(parsing text: some StringProtocol) throws(PeerChartError) {
    pairs = []
    // Bytes, not characters: a combining mark must not hide a separator.
    for part in Substring(text).utf8.split(separator: UInt8(ascii: "&")) {
      guard pairs.count < Self.maximumPairs else {
        throw PeerChartError(.invalid, "there are more than \(Self.maximumPairs) parameters")
      }
      let sides = part.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false
      ).map { Substring($0) }
      let place = "query parameter \(pairs.count + 1)"
      guard let name = sides.first, !name.isEmpty else {
        throw PeerChartError(.malformed, "a parameter has no name", place: place)
      }
      pairs.append(
        (
          try PercentCoding.decode(name, plusIsSpace: true, place: place),
          sides.count < 2 ? "" : try PercentCoding.decode(sides[1], plusIsSpace: true, place: place)
        ))
    }
  }

  /// The pairs as a search takes them.
  package var named: [(name: String, value: String)] { pairs.map { (name: $0.0, value: $0.1) } }

  package func values(_ name: String) -> [String] { pairs.filter { $0.0 == name }.map(\.1) }

  package func without(_ names: Set<String>) -> QueryString {
    QueryString(pairs.filter { !names.contains($0.0) })
  }

  package func adding(_ name: String, _ value: String) -> QueryString {
    QueryString(pairs + [(name, value)])
  }

  package func adding(_ other: QueryString) -> QueryString { QueryString(pairs + other.pairs) }

  /// The pairs in their one encoded form, without a question mark.
  package var encoded: String {
    var output: [UInt8] = []
    for (number, pair) in pairs.enumerated() {
      if number > 0 { output.append(UInt8(ascii: "&")) }
      PercentCoding.encode(pair.0, to: &output)
      output.append(UInt8(ascii: "="))
      PercentCoding.encode(pair.1, to: &output)
    }
    return String(decoding: output, as: UTF8.self)
  }
}
