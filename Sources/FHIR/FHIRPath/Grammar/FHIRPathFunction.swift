/// The functions of FHIRPath 2.0 and those that FHIR R4 adds, by their names.
enum FHIRPathFunction: String, CaseIterable, Sendable {
  // Existence (5.1)
  case empty, exists, all, allTrue, anyTrue, allFalse, anyFalse, subsetOf, supersetOf, count
  case distinct, isDistinct
  // Filtering and projection (5.2)
  case `where`, select, `repeat`, ofType
  // Subsetting (5.3) and combining (5.4)
  case single, first, last, tail, skip, take, intersect, exclude, union, combine
  // Conversion (5.5)
  case iif, toBoolean, toInteger, toDate, toDateTime, toDecimal, toQuantity, toString, toTime
  case convertsToBoolean, convertsToInteger, convertsToDate, convertsToDateTime
  case convertsToDecimal, convertsToQuantity, convertsToString, convertsToTime
  // Strings (5.6)
  case indexOf, lastIndexOf, substring, startsWith, endsWith, contains, upper, lower, replace
  case matches, matchesFull, replaceMatches, length, toChars, split, join, trim
  // Math (5.7)
  case abs, ceiling, exp, floor, ln, log, power, round, sqrt, truncate
  // Tree navigation (5.8) and utilities (5.9)
  case children, descendants, trace, now, today, timeOfDay
  // Operators that are also functions (6)
  case `is`, `as`, not, type
  // Aggregates (7)
  case aggregate
  // FHIR R4 (fhirpath.html, "Additional functions")
  case `extension`, hasValue, getValue, resolve, memberOf, conformsTo, htmlChecks

  /// Whether the only argument is the name of a type.
  var takesType: Bool {
    switch self {
    case .ofType, .is, .as: true
    default: false
    }
  }

  /// Whether the first argument is a regular expression.
  var takesPattern: Bool {
    switch self {
    case .matches, .matchesFull, .replaceMatches: true
    default: false
    }
  }

  /// How many arguments the function takes.
  var arguments: ClosedRange<Int> {
    switch self {
    case .exists, .toQuantity, .convertsToQuantity, .join, .round: 0...1
    case .all, .where, .select, .repeat, .subsetOf, .supersetOf, .skip, .take, .intersect,
      .exclude, .union, .combine, .indexOf, .lastIndexOf, .startsWith, .endsWith, .contains,
      .matches, .matchesFull, .split, .log, .power, .extension, .memberOf, .conformsTo, .ofType,
      .is, .as:
      1...1
    case .substring, .trace, .aggregate: 1...2
    case .replace, .replaceMatches: 2...2
    case .iif: 2...3
    default: 0...0
    }
  }
}
