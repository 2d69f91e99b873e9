/// The units that can be converted into each other: those of UCUM which records hold most, with exact
/// factors. Units that are not here are compared only with themselves.
enum UnitTable {
  enum Dimension { case one, mass, length, volume, time, calendarMonth, amount, pressure, energy }

  struct Factor {
    let dimension: Dimension
    let factor: FHIRPathDecimal
  }

  static func factor(of unit: String) -> Factor? { table[unit] }

  private static let table: [String: Factor] = {
    let rows: [(Dimension, [(String, String)])] = [
      (.one, [("1", "1"), ("%", "0.01"), ("[ppth]", "0.001"), ("[ppm]", "0.000001")]),
      (
        .mass,
        [
          ("kg", "1000"), ("g", "1"), ("mg", "0.001"), ("ug", "0.000001"), ("ng", "0.000000001"),
          ("pg", "0.000000000001"), ("t", "1000000"), ("[lb_av]", "453.59237"),
          ("[oz_av]", "28.349523125"),
        ]
      ),
      (
        .length,
        [
          ("km", "1000"), ("m", "1"), ("dm", "0.1"), ("cm", "0.01"), ("mm", "0.001"),
          ("um", "0.000001"), ("nm", "0.000000001"), ("[in_i]", "0.0254"), ("[ft_i]", "0.3048"),
          ("[yd_i]", "0.9144"), ("[mi_i]", "1609.344"),
        ]
      ),
      (
        .volume,
        [
          ("L", "1"), ("l", "1"), ("dL", "0.1"), ("dl", "0.1"), ("cL", "0.01"), ("mL", "0.001"),
          ("ml", "0.001"), ("uL", "0.000001"), ("ul", "0.000001"), ("nL", "0.000000001"),
          ("fL", "0.000000000000001"), ("m3", "1000"), ("cm3", "0.001"),
        ]
      ),
      (
        .time,
        [
          ("ms", "0.001"), ("s", "1"), ("min", "60"), ("h", "3600"), ("d", "86400"),
          ("wk", "604800"), ("millisecond", "0.001"), ("milliseconds", "0.001"), ("second", "1"),
          ("seconds", "1"), ("minute", "60"), ("minutes", "60"), ("hour", "3600"),
          ("hours", "3600"), ("day", "86400"), ("days", "86400"), ("week", "604800"),
          ("weeks", "604800"),
        ]
      ),
      // A calendar year is twelve months; neither is a number of days.
      (.calendarMonth, [("month", "1"), ("months", "1"), ("year", "12"), ("years", "12")]),
      (
        .amount,
        [
          ("mol", "1"), ("mmol", "0.001"), ("umol", "0.000001"), ("nmol", "0.000000001"),
          ("pmol", "0.000000000001"),
        ]
      ),
      (.pressure, [("Pa", "1"), ("kPa", "1000"), ("hPa", "100"), ("mm[Hg]", "133.322387415")]),
      (.energy, [("J", "1"), ("kJ", "1000"), ("cal", "4.184"), ("kcal", "4184")]),
    ]
    var table: [String: Factor] = [:]
    for (dimension, units) in rows {
      for (unit, text) in units {
        table[unit] = FHIRPathDecimal(text).map { Factor(dimension: dimension, factor: $0) }
      }
    }
    return table
  }()
}
