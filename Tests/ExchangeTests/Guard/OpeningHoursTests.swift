import Exchange
import Foundation
import Primitives
import Testing

/// Hours of the week by the clock on the wall.
@Suite struct OpeningHoursTests {
  private func zone(_ name: String) throws -> TimeZone {
    try #require(TimeZone(identifier: name))
  }

  private func instant(_ text: String) throws -> Instant {
    let date = try #require(ISO8601DateFormatter().date(from: text))
    return Instant(millisecondsSinceEpoch: Int64(date.timeIntervalSince1970) * 1000)
  }

  @Test(arguments: [
    // 2 March 2026 is a Monday.
    ("mon-fri 07:00-19:00", "2026-03-02T07:00:00Z", "UTC", true),
    ("mon-fri 07:00-19:00", "2026-03-02T06:59:59Z", "UTC", false),
    ("mon-fri 07:00-19:00", "2026-03-02T19:00:00Z", "UTC", false),
    ("mon-fri 07:00-19:00", "2026-03-01T12:00:00Z", "UTC", false),
    ("fri-mon 07:00-19:00", "2026-03-01T12:00:00Z", "UTC", true),
    // The night of Saturday ends on Sunday morning, whatever Sunday's own hours are.
    ("sat 22:00-06:00", "2026-03-01T05:59:00Z", "UTC", true),
    ("sat 22:00-06:00", "2026-03-01T06:00:00Z", "UTC", false),
    ("sat 22:00-06:00", "2026-03-01T22:00:00Z", "UTC", false),
    // Another day there: Sunday evening in New York is Monday in UTC.
    ("sun 20:00-24:00", "2026-03-02T03:00:00Z", "America/New_York", true),
    ("mon 00:00-24:00", "2026-03-02T03:00:00Z", "America/New_York", false),
    // Summer time begins in Berlin on 29 March 2026 at one o'clock UTC.
    ("sun 08:00-09:00", "2026-03-29T06:30:00Z", "Europe/Berlin", true),
    ("sun 08:00-09:00", "2026-03-22T06:30:00Z", "Europe/Berlin", false),
    ("daily 00:00-24:00", "1969-12-31T23:59:59Z", "UTC", false),
  ])
  func theWallClockOfTheZoneCounts(
    hours: String, time: String, name: String, isWithin: Bool
  ) throws {
    #expect(try OpeningHours(hours).contains(instant(time), in: zone(name)) == isWithin)
  }

  @Test(arguments: [
    "", "mon", "07:00-19:00", "mon 7:00-19:00", "mon 07:00-07:00", "mon 24:00-06:00",
    "mon 07:60-08:00", "mon 07:00-24:01", "mon-tue-wed 07:00-08:00", "mox 07:00-08:00",
    "mon, 07:00-08:00", "mon  07:00-08:00", "mon 07:00–08:00", "mon +7:00-08:00",
  ])
  func whatIsNoTimeIsNone(text: String) {
    #expect(throws: PeerChartError.self) { try OpeningHours(text) }
  }

  /// Compared with Foundation's calendar, over years with all their changes of the clock.
  @Test func randomTimesAgreeWithACalendar() throws {
    var random = SeededGenerator()
    let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    var calendar = Calendar(identifier: .gregorian)
    for name in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"] {
      calendar.timeZone = try zone(name)
      for _ in 0..<500 {
        let day = Int.random(in: 0..<7, using: &random)
        let start = Int.random(in: 0..<1440, using: &random)
        let end = (start + Int.random(in: 1..<1440, using: &random)) % 1440
        let hours = try OpeningHours("\(names[day]) \(clock(start))-\(clock(end))")
        let seconds = Int64.random(in: 0..<2_000_000_000, using: &random)
        let parts = calendar.dateComponents(
          [.weekday, .hour, .minute], from: Date(timeIntervalSince1970: Double(seconds)))
        let weekday = (parts.weekday ?? 0) - 1
        let minute = (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
        let expected =
          start < end
          ? weekday == day && (start..<end).contains(minute)
          : weekday == day && minute >= start || weekday == (day + 1) % 7 && minute < end
        let time = Instant(millisecondsSinceEpoch: seconds * 1000)
        #expect(
          hours.contains(time, in: calendar.timeZone) == expected,
          "\(hours) \(time) \(name), seed \(random.seed)")
      }
    }
  }

  private func clock(_ minutes: Int) -> String {
    String("\(minutes / 60 + 100)".dropFirst()) + ":" + String("\(minutes % 60 + 100)".dropFirst())
  }
}
