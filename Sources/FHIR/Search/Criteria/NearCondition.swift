import Primitives

/// One alternative of `Location.near`: `latitude|longitude[|distance[|unit]]` (R4 Location, `near`).
struct NearCondition: Hashable {
  private static let unitsInKilometres = [
    "km": 1, "m": 0.001, "[mi_i]": 1.609344, "mi": 1.609344, "[mi_us]": 1.609347,
  ]
  /// Where none is given, in kilometres.
  private static let usualDistance = 50.0

  let centre: GeoPosition
  /// In kilometres.
  let distance: Double

  init(parsing text: EscapedText) throws(PeerChartError) {
    let parts = text.split(at: "|").map(\.unescaped)
    guard (2...4).contains(parts.count), let latitude = Self.number(parts[0]),
      let longitude = Self.number(parts[1]),
      let centre = GeoPosition(latitude: latitude, longitude: longitude)
    else {
      throw PeerChartError(.invalid, "near wants latitude|longitude|distance|unit")
    }
    self.centre = centre
    var distance = Self.usualDistance
    if parts.count > 2, !parts[2].isEmpty {
      guard let number = Self.number(parts[2]), number >= 0 else {
        throw PeerChartError(.invalid, "the distance is no number")
      }
      distance = number
    }
    let unit = parts.count > 3 && !parts[3].isEmpty ? parts[3] : "km"
    guard let factor = Self.unitsInKilometres[unit] else {
      throw PeerChartError(.invalid, "the unit of a distance is km, m, [mi_i] or [mi_us]")
    }
    self.distance = distance * factor
  }

  /// Only what is a decimal number: `Double` by itself would read `nan` and hexadecimals too.
  private static func number(_ text: String) -> Double? {
    DecimalNumber(text) == nil ? nil : Double(text)
  }

  func matches(_ position: GeoPosition) -> Bool { centre.distance(to: position) <= distance }
}
