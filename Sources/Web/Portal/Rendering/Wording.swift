package import Primitives

/// Times, spans and lists of codes in words.
package enum Wording {
  /// A point in time for the template `time`. What stands there is in UTC; a browser with script puts
  /// it into its own time zone.
  package static func time(_ instant: Instant, _ strings: PortalStrings) -> PageValue {
    .object([
      "iso": .text(instant.description), "form": "full", "text": .text(full(instant, strings)),
    ])
  }

  /// The same from its written form; nothing where that cannot be read.
  package static func time(_ text: String?, _ strings: PortalStrings) -> PageValue {
    text.flatMap { Instant($0) }.map { time($0, strings) } ?? false
  }

  /// `3 March 2026, 09:30 UTC`
  package static func full(_ instant: Instant, _ strings: PortalStrings) -> String {
    let text = instant.description
    var parts = dayParts(text, strings)
    parts["clock"] = String(text.dropFirst(11).prefix(5))
    return strings("time.full", parts)
  }

  /// `3 March 2026`, of a date or a time as it is written in a record: as precise as that is.
  package static func day(_ text: String, _ strings: PortalStrings) -> String {
    guard text.utf8.count >= 10 else { return text }
    return strings("time.day", dayParts(text, strings))
  }

  private static func dayParts(_ text: String, _ strings: PortalStrings) -> [String: String] {
    let parts = text.prefix(10).split(separator: "-").map(String.init)
    guard parts.count == 3, let month = Int(parts[1]), let day = Int(parts[2]) else {
      return ["day": "", "month": "", "year": text]
    }
    return ["day": String(day), "month": strings.code("month", String(month)), "year": parts[0]]
  }

  /// `3 days`, `8 hours`, in the largest unit that fits.
  package static func duration(hours: Double, _ strings: PortalStrings) -> String {
    let minutes = Int((hours.isFinite ? min(max(hours, 0), 1_000_000) : 0) * 60)
    switch minutes {
    case _ where minutes >= 2 * 1440 && minutes % 1440 == 0 || minutes >= 60 * 1440:
      return strings.count("duration.days", minutes / 1440)
    case 1440: return strings.count("duration.days", 1)
    case 60...: return strings.count("duration.hours", minutes / 60)
    default: return strings.count("duration.minutes", minutes)
    }
  }

  package static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }

  /// The letter for the seal of a name.
  package static func initial(_ name: String) -> String {
    name.first { $0.isLetter || $0.isNumber }.map { $0.uppercased() } ?? "·"
  }

  /// Codes in words, in their order.
  package static func codes(
    _ vocabulary: String, _ codes: [String], _ strings: PortalStrings
  ) -> [String] {
    codes.map { strings.code(vocabulary, $0) }
  }

  /// A list with the rest counted where it is long.
  package static func shortList(_ items: [String], _ strings: PortalStrings, most: Int = 4)
    -> String
  {
    guard items.count > most + 1 else { return strings.list(items) }
    return items.prefix(most).joined(separator: ", ") + " +\(items.count - most)"
  }
}
