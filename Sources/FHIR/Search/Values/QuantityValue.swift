/// A quantity in a resource: its number and the unit, which is compared and not converted.
struct QuantityValue: Hashable {
  static let currencies = "urn:iso:std:iso:4217"

  let interval: NumberInterval
  let system: String?
  let code: String?
  /// The unit for people.
  let unit: String?

  /// Reads a Quantity (also Age and Duration), Money or Range; nil where there is no number.
  init?(_ value: JSONValue, _ type: SearchPath.ElementType) {
    switch type {
    case .money:
      guard let interval = NumberInterval(quantity: value) else { return nil }
      self.interval = interval
      code = value["currency"]?.string
      system = code == nil ? nil : Self.currencies
      unit = nil
    case .range:
      guard let interval = NumberInterval(range: value) else { return nil }
      self.interval = interval
      let end = value["low"] ?? value["high"]
      (system, code, unit) = (
        end?["system"]?.string, end?["code"]?.string, end?["unit"]?.string
      )
    default:
      guard let interval = NumberInterval(quantity: value) else { return nil }
      self.interval = interval
      (system, code, unit) = (
        value["system"]?.string, value["code"]?.string, value["unit"]?.string
      )
    }
  }
}
