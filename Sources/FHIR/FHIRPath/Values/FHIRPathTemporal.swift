/// A date, a date with a time, or a time of day, as precise as it was written.
public struct FHIRPathTemporal: Sendable {
  /// Which of System.Date, System.DateTime and System.Time it is.
  public enum Kind: Sendable { case date, dateTime, time }

  /// How far a value goes. Seconds and their fraction are one precision (FHIRPath 2.0, 6.1.1).
  enum Precision: Int, Comparable {
    case year, month, day, hour, minute, second

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  /// Which of the three types it is.
  public let kind: Kind
  var precision: Precision
  var year: Int16 = 1
  var month: UInt8 = 1
  var day: UInt8 = 1
  var hour: UInt8 = 0
  var minute: UInt8 = 0
  var second: UInt8 = 0
  var nanosecond: Int32 = 0
  /// How many digits of the fraction were written; 0 to 9.
  var fractionDigits: UInt8 = 0
  /// Minutes east of Greenwich; nil where no zone was given.
  var offset: Int16?

  init(kind: Kind, precision: Precision) {
    self.kind = kind
    self.precision = precision
  }

  static let nanosecondsInSecond: Int64 = 1_000_000_000
}

extension FHIRPathTemporal: CustomStringConvertible {
  /// As it would be written in FHIR: `2015-02-04T14:34:28.123+10:00`, `14:34`.
  public var description: String {
    var text = kind == .time ? "" : Self.padded(Int(year), 4)
    if kind != .time {
      if precision >= .month { text += "-" + Self.padded(Int(month), 2) }
      if precision >= .day { text += "-" + Self.padded(Int(day), 2) }
      guard kind == .dateTime, precision >= .hour else { return text }
      text += "T"
    }
    text += Self.padded(Int(hour), 2)
    if precision >= .minute { text += ":" + Self.padded(Int(minute), 2) }
    if precision >= .second {
      text += ":" + Self.padded(Int(second), 2)
      if fractionDigits > 0 {
        text += "." + Self.padded(Int(nanosecond), 9).prefix(Int(fractionDigits))
      }
    }
    guard let offset else { return text }
    if offset == 0 { return text + "Z" }
    let minutes = abs(Int(offset))
    let sign = offset < 0 ? "-" : "+"
    return text + sign + Self.padded(minutes / 60, 2) + ":" + Self.padded(minutes % 60, 2)
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
