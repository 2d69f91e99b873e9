/// A number with a unit: one of UCUM in quotes (`'mg'`), or a word of the calendar (`days`).
public struct FHIRPathQuantity: Sendable {
  /// The number.
  public let value: FHIRPathDecimal
  /// A code of UCUM or a word of the calendar; `1` where there is none.
  public let unit: String

  /// A quantity of that many units.
  public init(value: FHIRPathDecimal, unit: String) {
    self.value = value
    self.unit = unit
  }

  /// The quantity that a FHIR Quantity is (FHIR R4 fhirpath.html): its value, with the code where the
  /// system is UCUM. Nil without a value, with a comparator or in another system.
  init?(_ element: FHIRPathElement) {
    guard let object = element.value, object.kind == .object,
      let literal = object["value"], literal.kind == .number,
      let value = FHIRPathDecimal(literal: literal.raw), object["comparator"] == nil
    else { return nil }
    self.value = value
    guard let system = object["system"] else {
      unit = object["code"]?.string ?? object["unit"]?.string ?? "1"
      return
    }
    guard system.isString("http://unitsofmeasure.org") else { return nil }
    unit = object["code"]?.string ?? "1"
  }

  /// Less than, equal to or greater than 0; nil where the units cannot be compared.
  func order(_ other: FHIRPathQuantity) -> Int? {
    if unit == other.unit { return value.order(other.value) }
    guard let a = UnitTable.factor(of: unit), let b = UnitTable.factor(of: other.unit),
      a.dimension == b.dimension, let x = value.multiplied(by: a.factor),
      let y = other.value.multiplied(by: b.factor)
    else { return nil }
    return x.order(y)
  }

  /// The same amount in another unit; nil where that cannot be worked out.
  func converted(to target: String) -> FHIRPathQuantity? {
    if unit == target { return self }
    guard let from = UnitTable.factor(of: unit), let into = UnitTable.factor(of: target),
      from.dimension == into.dimension,
      let value = value.multiplied(by: from.factor)?.divided(by: into.factor)
    else { return nil }
    return FHIRPathQuantity(value: value, unit: target)
  }
}

extension FHIRPathQuantity: CustomStringConvertible {
  /// As a literal: `4 'mg'`, `3 days`.
  public var description: String {
    TimeUnit.words.contains(unit) ? "\(value) \(unit)" : "\(value) '\(unit)'"
  }
}
