public import Consent
import FHIR
public import Primitives

/// What of one patient's chart is to be shown: a kind of record, what was typed, a stretch of time.
public struct ChartQuestion: Sendable, Equatable {
  private static let mostWords = 200

  /// Nil for every record type.
  public private(set) var types: RecordTypeSet?
  /// Each word must begin a word of the record, or be one of its codes; empty for any record.
  public private(set) var words: String
  /// The first day and the last, `YYYY-MM-DD`; nil for no bound.
  public private(set) var from: String?
  public private(set) var to: String?

  /// - Throws: `invalid`, with the parameter as its place, for a type or a day that is none.
  public init(
    types: RecordTypeSet? = nil, words: String = "", from: String? = nil, to: String? = nil
  ) throws(PeerChartError) {
    guard words.utf8.count <= Self.mostWords else {
      throw PeerChartError(.invalid, "these are too many words", place: "q")
    }
    self.types = types
    self.words = words
    self.from = try Self.day(from, "from")
    self.to = try Self.day(to, "to")
  }

  /// Reads what `pairs` writes.
  ///
  /// - Throws: as above.
  public init(
    typeCodes: String?, words: String?, from: String?, to: String?
  ) throws(PeerChartError) {
    var types: RecordTypeSet?
    if let typeCodes {
      var set = RecordTypeSet()
      for code in typeCodes.split(separator: ",") {
        guard let type = RecordType(rawValue: String(code)) else {
          throw PeerChartError(.invalid, "there is no record type of that name", place: "type")
        }
        set.insert(RecordTypeSet(type))
      }
      types = set
    }
    try self.init(types: types, words: words ?? "", from: from, to: to)
  }

  /// The same question about fewer types.
  public func narrowed(to allowed: RecordTypeSet) -> ChartQuestion {
    var narrowed = self
    narrowed.types = types.map { $0.intersection(allowed) } ?? allowed
    return narrowed
  }

  /// The parameters of `$chart` that ask it.
  public var pairs: [(String, String)] {
    let codes = types.map { $0.types.map(\.rawValue).joined(separator: ",") }
    let all = [
      ("type", codes), ("q", words.isEmpty ? nil : words), ("from", from), ("to", to),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }

  /// The time that is asked for; nil where none is.
  var window: TimeWindow? {
    guard from != nil || to != nil else { return nil }
    return TimeWindow(
      start: from.flatMap(Self.start), end: to.flatMap(Self.start)?.adding(seconds: 86_400))
  }

  private static func day(_ text: String?, _ place: String) throws(PeerChartError) -> String? {
    guard let text, !text.isEmpty else { return nil }
    guard text.utf8.count == 10, start(of: text) != nil else {
      throw PeerChartError(.invalid, "a day is written YYYY-MM-DD", place: place)
    }
    return text
  }

  private static func start(of day: String) -> Instant? { Instant("\(day)T00:00:00Z") }
}
