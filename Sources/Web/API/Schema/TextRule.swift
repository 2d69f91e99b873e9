import FHIR
import Foundation
import Primitives

/// What a text in a request has to look like. The pattern that is published is the one that is checked.
package struct TextRule: Sendable {
  /// A format of JSON Schema 2020-12 that is checked as well.
  package enum Format: String, Sendable {
    case date
    case dateTime = "date-time"
    /// Nothing to check: programs do not show it.
    case password
    case uri
  }

  /// What stands between `^` and `$`; nil for any text. Of what ECMA-262, Python and ICU have in common.
  package let pattern: String?
  package let format: Format?
  /// In code points.
  package let lengths: ClosedRange<Int>
  package let example: String?
  private let expression: NSRegularExpression?

  package init(
    _ pattern: String? = nil, _ lengths: ClosedRange<Int>, format: Format? = nil,
    example: String? = nil
  ) {
    self.pattern = pattern
    self.format = format
    self.lengths = lengths
    self.example = example
    let checked = pattern ?? (format == .dateTime ? Self.dateTime : nil)
    expression = checked.flatMap { try? NSRegularExpression(pattern: "\\A(?:\($0))\\z") }
  }

  /// RFC 3339, whatever the numbers are.
  private static let dateTime =
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"

  package func allows(_ text: String) -> Bool {
    guard lengths.contains(text.unicodeScalars.count) else { return false }
    if pattern != nil || format == .dateTime {
      guard let expression,
        expression.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count))
          != nil
      else { return false }
    }
    return format != .date || Self.isDay(text)
  }

  private static func isDay(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2],
      let year = DecimalDigits.parse(parts[0]), let month = DecimalDigits.parse(parts[1]),
      let day = DecimalDigits.parse(parts[2])
    else { return false }
    return CivilDate(year: year, month: month, day: day) != nil
  }
}
