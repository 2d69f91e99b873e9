import ArgumentParser

/// A length of time on the command line: `90s`, `15m`, `1h`, `30d`, `1y` (365 days).
struct TimeSpan: Sendable, Equatable {
  let seconds: Int64

  /// - Throws: `ValidationError` for anything but a whole positive number and one unit.
  init(argument text: String) throws {
    let units: [Character: Int64] = [
      "s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 365 * 86_400,
    ]
    let digits = text.dropLast()
    guard let unit = text.last.flatMap({ units[$0] }), (1...9).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (48...57).contains($0) }), digits.first != "0",
      let number = Int64(digits)
    else { throw ValidationError("a time is written 90s, 15m, 1h, 30d or 1y, not '\(text)'") }
    let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
    guard !overflow, seconds <= 1000 * 365 * 86_400 else {
      throw ValidationError("'\(text)' is longer than a thousand years")
    }
    self.seconds = seconds
  }

  init(seconds: Int64) { self.seconds = seconds }
}
