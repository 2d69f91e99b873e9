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
    // Written digit by digit: every answer has a date or two.
    return String(unsafeUninitializedCapacity: 48) { buffer in
      var length = 0
      func append(_ text: String) {
        for byte in text.utf8 {
          buffer[length] = byte
          length += 1
        }
      }
      func append(_ value: Int64, _ width: Int) {
        var power: Int64 = width == 4 ? 1000 : 10
        while value / power > 9 { power *= 10 }
        while power > 0 {
          buffer[length] = UInt8(0x30 + value / power % 10)
          length += 1
          power /= 10
        }
      }
      append(weekday)
      append(", ")
      append(date.day, 2)
      append(" ")
      append(month)
      append(" ")
      append(max(0, date.year), 4)
      append(" ")
      append(ofDay / 3600, 2)
      append(":")
      append(ofDay / 60 % 60, 2)
      append(":")
      append(ofDay % 60, 2)
      append(" GMT")
      return length
    }
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    a >= 0 ? a / b : -((-(a + 1)) / b) - 1
  }
}
