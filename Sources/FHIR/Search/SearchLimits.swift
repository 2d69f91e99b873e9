/// The bounds of searching. Those on resources hold for the index and for the exact check alike, so
/// that an entry left out of the one cannot be found by the other.
public enum SearchLimits {
  /// Values of one parameter that are looked at in one resource.
  static let valuesInResource = 1024
  /// Unicode scalars of one string (a name, a part of a name) that are looked at.
  static let scalarsInString = 256
  /// Parameters in one query.
  public static let parameters = 64
  /// Alternatives (separated by commas) in one parameter.
  public static let alternatives = 200
  /// Bytes of one alternative.
  public static let valueBytes = 2048
  /// Index terms for one alternative that is a range of dates.
  static let dateTerms = 120
  /// Index terms for one criterion; with more, the criterion is left to the exact check.
  static let termsInCriterion = 400
}
