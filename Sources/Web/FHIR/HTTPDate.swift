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
    var text: [UInt8] = []
    text.reserveCapacity(29)
    func append(_ value: Int64, _ width: Int, _ separator: String) {
      let end = text.count
      var rest = value.magnitude
      repeat {
        text.insert(UInt8(0x30 + rest % 10), at: end)
        rest /= 10
      } while rest > 0 || text.count - end < width
      text += separator.utf8
    }
    text += weekday.utf8
    text += ", ".utf8
    append(date.day, 2, " ")
    text += month.utf8
    text.append(UInt8(ascii: " "))
    append(date.year, 4, " ")
    append(ofDay / 3600, 2, ":")
    append(ofDay / 60 % 60, 2, ":")
    append(ofDay % 60, 2, " GMT")
    return String(decoding: text, as: UTF8.self)
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    a >= 0 ? a / b : -((-(a + 1)) / b) - 1
  }
}
