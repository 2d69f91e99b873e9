import Consent
import FHIR
import Primitives

/// One page of a chart in the making: the newest records behind a place, and how many there are of each
/// kind. It remembers no more records than the page shows.
struct ChartTally {
  /// Where a record stands: by the day that it is about, then by when it was stored; undated ones last.
  struct Place: Comparable {
    let date: Int64
    let row: Int64

    init(date: Int64, row: Int64) {
      self.date = date
      self.row = row
    }

    init(_ record: ClosedRecord) {
      self.init(date: record.date?.millisecondsSinceEpoch ?? .min, row: record.row.row)
    }

    static func < (a: Place, b: Place) -> Bool { (a.date, a.row) < (b.date, b.row) }
  }

  let question: ChartQuestion
  let size: Int
  /// The page begins behind it; nil for the first.
  let start: Place?
  private let words: ChartWords?
  private let window: TimeWindow?
  private(set) var counts: [RecordType: Int] = [:]
  /// The newest first.
  private var newest: [(place: Place, record: FoundRecord)] = []
  private var hasMore = false

  init(_ question: ChartQuestion, size: Int, after start: Place?) {
    self.question = question
    self.size = size
    self.start = start
    words = ChartWords(question.words)
    window = question.window
  }

  mutating func add(_ found: FoundRecord) throws {
    let record = found.record
    guard question.types?.contains(record.recordType) ?? true else { return }
    if let window {
      guard let date = record.date, window.contains(date) else { return }
    }
    if let words, try !record.withResource(words.match) { return }
    counts[record.recordType, default: 0] += 1
    let place = Place(record)
    if let start, place >= start { return }
    if newest.count == size, let last = newest.last {
      hasMore = true
      if place < last.place { return }
      newest.removeLast()
    }
    let index = newest.firstIndex { $0.place < place } ?? newest.endIndex
    newest.insert((place, found), at: index)
  }

  var page: [FoundRecord] { newest.map(\.record) }

  /// Where the next page begins; nil where there is none.
  var next: Place? { hasMore ? newest.last?.place : nil }
}
