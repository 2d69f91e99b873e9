import FHIR
public import Foundation
public import Primitives

/// Hours of some days of the week, by the clock on the wall: `mon-fri 07:00-19:00`, `sat,sun 22:00-06:00`,
/// `daily 00:00-24:00`. One that ends before it begins goes on into the next day.
public struct OpeningHours: Hashable, Sendable, Codable, CustomStringConvertible {
  private static let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  /// 0 is Sunday.
  private let days: Set<Int>
  /// Minutes since midnight, of which the second is the first that is outside.
  private let start: Int
  private let end: Int
  public let description: String

  /// - Throws: `invalid`.
  public init(_ text: some StringProtocol) throws(PeerChartError) {
    let error = PeerChartError(
      .invalid, "hours are written mon-fri 07:00-19:00, sat,sun 22:00-06:00 or daily 08:00-20:00")
    let words = text.lowercased().split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 2, let days = Self.days(words[0]) else { throw error }
    let times = words[1].split(separator: "-", omittingEmptySubsequences: false)
    guard times.count == 2, let start = Self.minutes(times[0]), let end = Self.minutes(times[1]),
      start != end, start < 1440
    else { throw error }
    (self.days, self.start, self.end) = (days, start, end)
    description = words.joined(separator: " ")
  }

  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Whether a time lies in it, by the clock of a zone. Where a clock is put forward or back, the wall
  /// counts: an hour that comes twice is in it twice.
  public func contains(_ time: Instant, in zone: TimeZone) -> Bool {
    // Seconds by the wall's clock since 1970, which began on a Thursday.
    let utc = time.millisecondsSinceEpoch / 1000
    let date = Date(timeIntervalSince1970: Double(utc))
    let wall = utc.addingReportingOverflow(Int64(zone.secondsFromGMT(for: date)))
    guard !wall.overflow, wall.partialValue >= 0 else { return false }
    let day = Int(wall.partialValue / 86_400 % 7 + 4) % 7
    let minute = Int(wall.partialValue % 86_400 / 60)
    guard end < start else { return days.contains(day) && minute >= start && minute < end }
    return days.contains(day) && minute >= start || days.contains((day + 6) % 7) && minute < end
  }

  private static func days(_ text: Substring) -> Set<Int>? {
    guard text != "daily" else { return Set(0..<7) }
    var days: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
        .map { names.firstIndex(of: String($0)) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2 else {
        return nil
      }
      var day = first
      days.insert(day)
      while day != last {
        day = (day + 1) % 7
        days.insert(day)
      }
    }
    return days
  }

  /// `07:00` as minutes since midnight, to `24:00`.
  private static func minutes(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
      let hour = DecimalDigits.parse(parts[0].utf8, limit: 24),
      let minute = DecimalDigits.parse(parts[1].utf8, limit: 59), hour < 24 || minute == 0
    else { return nil }
    return Int(hour * 60 + minute)
  }
}
