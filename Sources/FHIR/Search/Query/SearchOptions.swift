import Primitives

/// How the answer of a search is wanted (R4 3.1.1.5): what is not a condition on resources.
public struct SearchOptions: Hashable, Sendable {
  /// Whether a total is wanted, and how exact (R4 3.1.1.5.4).
  public enum Total: String, Sendable { case none, estimate, accurate }
  /// How much of each resource is wanted (R4 3.1.1.5.8).
  public enum Summary: String, Sendable { case `true`, text, data, count, `false` }

  /// `_count`: how many a page may have; 0 asks for the total only. Not limited here.
  public internal(set) var count: Int?
  /// `_sort`; empty where none is asked for.
  public internal(set) var sort: [SearchSortKey] = []
  public internal(set) var total: Total?
  public internal(set) var summary: Summary?
  /// `_elements`: names of top-level elements; empty where all are wanted.
  public internal(set) var elements: [String] = []
  /// `_include` and `_revinclude`.
  public internal(set) var includes: [SearchInclude] = []
  /// `_cursor`: where to go on, opaque to this module.
  public internal(set) var cursor: String?

  /// Nothing is said about the answer.
  public init() {}
}

extension SearchOptions {
  /// Takes in a parameter if it is one of these; `name` has its modifier.
  ///
  /// - Throws: `invalid` for a value that makes no sense, and for what is refused for good.
  mutating func read(
    _ name: String, _ value: String, of type: String
  ) throws(PeerChartError) -> Bool {
    switch name {
    // What these say is about the form of the answer, and read elsewhere.
    case "_format", "_pretty": break
    case "_count": count = try Self.count(value)
    case "_sort": sort = try SearchSortKey.keys(value, of: type)
    case "_total":
      total = try Self.word(value, Total.init, "_total is none, estimate or accurate")
    // As some clients write it (fhirpy), with `count` for an accurate one.
    case "_totalMethod":
      let word = value == "count" ? Total.accurate.rawValue : value
      total = try Self.word(word, Total.init, "_totalMethod is none, estimate or count")
    case "_summary":
      summary = try Self.word(value, Summary.init, "_summary is true, text, data, count or false")
    case "_elements": elements += try Self.elements(value)
    case "_contained":
      guard value == "false" else {
        throw PeerChartError(.invalid, "contained resources are not searched for")
      }
    case "_include", "_include:iterate", "_revinclude", "_revinclude:iterate":
      guard includes.count < SearchLimits.includes else {
        throw PeerChartError(.invalid, "more than \(SearchLimits.includes) includes")
      }
      let direction: SearchInclude.Direction = name.hasPrefix("_rev") ? .reverse : .forward
      includes.append(
        try SearchInclude(
          parsing: value, direction, iterates: name.hasSuffix(":iterate"), of: type))
    case "_cursor":
      guard value.utf8.count <= SearchLimits.cursorBytes else {
        throw PeerChartError(.invalid, "longer than \(SearchLimits.cursorBytes) bytes")
      }
      cursor = value
    default:
      if let reason = Self.refused[name] { throw PeerChartError(.invalid, reason) }
      return false
    }
    return true
  }

  /// What R4 has and this program does not, also where unknown parameters are let pass: leaving one
  /// of these out would answer another question.
  private static let refused = [
    "_text": "searching in narratives is not offered",
    "_content": "searching in the whole text of resources is not offered",
    "_filter": "filter expressions are not offered: use search parameters",
    "_query": "named queries are not offered",
    "_containedType": "contained resources are not searched for",
    "_include:recurse": "this is :iterate in R4",
    "_revinclude:recurse": "this is :iterate in R4",
  ]

  private static func count(_ value: String) throws(PeerChartError) -> Int {
    guard !value.isEmpty, value.utf8.count <= 9, value.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
      let count = Int(value)
    else { throw PeerChartError(.invalid, "_count is a number from 0 to 999999999") }
    return count
  }

  private static func word<Word>(
    _ value: String, _ read: (String) -> Word?, _ reason: String
  ) throws(PeerChartError) -> Word {
    guard let word = read(value) else { throw PeerChartError(.invalid, reason) }
    return word
  }

  private static func elements(_ value: String) throws(PeerChartError) -> [String] {
    let names = value.split(separator: ",", omittingEmptySubsequences: false)
    guard names.count <= SearchLimits.elementNames, value.utf8.count <= SearchLimits.valueBytes,
      names.allSatisfy({ name in
        !name.isEmpty && name.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
      })
    else {
      throw PeerChartError(.invalid, "_elements is a list of names of top-level elements")
    }
    return names.map(String.init)
  }
}
