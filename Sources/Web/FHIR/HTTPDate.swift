package import Primitives

/// `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 section 5.6.7).
package enum HTTPDate {
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  package static func text(_ instant: Instant) -> String {
    let second = floorDivide(instant.millisecondsSinceEpoch, 1000)
    let day = floorDivide(second, 86_400)
    let ofDay = second - day * 86_400
    let date = CivilDate(daysSinceEpoch: day)
    let weekday = weekdays[Int(day - floorDivide(day, 7) * 7)]
    let month = months[Int(date.month - 1)]
    let time = [ofDay / 3600, ofDay / 60 % 60, ofDay % 60].map { pad($0, 2) }
    return "\(weekday), \(pad(date.day, 2)) \(month) \(pad(date.year, 4)) "
      + "\(time[0]):\(time[1]):\(time[2]) GMT"
  }

  private static func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    a >= 0 ? a / b : -((-(a + 1)) / b) - 1
  }
}
