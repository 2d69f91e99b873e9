import Foundation
import Primitives
import Testing

@Suite struct InstantTests {
  /// Around every place where arithmetic could overflow or a calendar could slip.
  static let extremes: [Int64] = {
    let near: [Int64] = [
      .min, .min + 1, .min + 807, .min + 808, .min + 86_400_000, .max, .max - 1, .max - 86_400_000,
      -62_135_596_800_000, -62_167_219_200_000, 253_402_300_800_000, -1, 0, 1, 999, 1000, -1000,
      -1001, -86_400_000, -86_400_001, 951_782_400_000, 4_107_542_400_000,
    ]
    return near.flatMap { value in
      [-1, 0, 1].map { value.addingReportingOverflow($0) }.filter { !$0.overflow }
        .map(\.partialValue)
    }
  }()

  @Test func everyInstantHasADescription() {
    for value in Self.extremes {
      let text = Instant(millisecondsSinceEpoch: value).description
      #expect(text.hasSuffix("Z") && text.count >= 24, "\(value): \(text)")
    }
    // The first and the last moment, computed elsewhere with integers of unbounded size.
    #expect(Instant(millisecondsSinceEpoch: .min).description == "-292275055-05-16T16:47:04.192Z")
    #expect(Instant(millisecondsSinceEpoch: .max).description == "292278994-08-17T07:12:55.807Z")
    #expect(
      Instant(millisecondsSinceEpoch: -62_167_219_200_001).description
        == "-0001-12-31T23:59:59.999Z")
  }

  /// Within the years that RFC 3339 can write, the text means the moment, to us and to Foundation.
  @Test func theTextMeansTheMoment() throws {
    var random = SeededGenerator()
    let range: Range<Int64> = -62_135_596_800_000..<253_402_300_800_000
    let values =
      Self.extremes.filter(range.contains)
      + (0..<2000).map { _ in Int64.random(in: range, using: &random) }
    // Foundation's formatter goes over to the Julian calendar before 15 October 1582.
    let reform: Int64 = -12_219_292_800_000
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    for value in values {
      let text = Instant(millisecondsSinceEpoch: value).description
      #expect(Instant(text)?.millisecondsSinceEpoch == value, "\(text), seed \(random.seed)")
      guard value >= reform else { continue }
      let date = try #require(formatter.date(from: text), "\(text)")
      #expect(Int64((date.timeIntervalSince1970 * 1000).rounded()) == value, "\(text)")
    }
  }

  @Test func addingStaysWithinWhatThereIs() {
    for value in Self.extremes {
      for seconds in [Int64.min, -1, 0, 1, .max] {
        let sum = Instant(millisecondsSinceEpoch: value).adding(seconds: seconds)
        #expect(seconds >= 0 || sum.millisecondsSinceEpoch <= value)
        #expect(seconds <= 0 || sum.millisecondsSinceEpoch >= value)
        #expect(!sum.description.isEmpty)
      }
    }
  }

  @Test func everyDayIsADate() {
    var random = SeededGenerator()
    let days: [Int64] =
      [.min, .min + 1, .min + 719_468, .max, .max - 719_468, -719_469, -719_468, -1, 0, 1, 146_097]
      + (0..<2000).map { _ in Int64.random(in: .min ... .max, using: &random) }
      + (0..<2000).map { _ in Int64.random(in: -4_000_000...4_000_000, using: &random) }
    for day in days {
      let date = CivilDate(daysSinceEpoch: day)
      #expect((1...12).contains(date.month) && (1...31).contains(date.day), "day \(day)")
      #expect(date.daysSinceEpoch == day, "seed \(random.seed)")
    }
  }

  @Test func whatIsNoInstantIsNone() {
    for text in [
      "", "Z", "2026", "2026-03-01", "2026-03-01T09:30:00", "2026-02-29T00:00:00Z",
      "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
      "2026-03-01T24:00:00Z", "2026-03-01T09:30:00.Z", "2026-03-01T09:30:00.1234567890123Z",
      "2026-03-01T09:30:00+15:00", "2026-03-01T09:30:00+1:00", "-292275055-05-16T16:47:04.192Z",
      "2026-03-01T09:30:00ZZ", "２０２６-03-01T09:30:00Z",
    ] {
      #expect(Instant(text) == nil, "\(text)")
    }
  }
}
