/// The bounds of searching. Those on resources hold for the index and for the exact check alike, so
/// that an entry left out of the one cannot be found by the other.
public enum SearchLimits {
  /// Elements of an array that are looked at in a resource; of arrays within arrays, fewer.
  static let elements = 4096
  static let innerElements = 1024
  /// Unicode scalars of one string (a name, a part of a name) that are looked at.
  static let scalarsInString = 256
  /// Parameters in one query.
  public static let parameters = 64
  /// Alternatives (separated by commas) in one parameter.
  public static let alternatives = 200
  /// Bytes of one alternative.
  public static let valueBytes = 2048
  /// Bytes of a cursor: it holds the values that results are sorted by.
  public static let cursorBytes = 8192
  /// References that a chained condition may follow one after the other.
  public static let chainDepth = 4
  /// Conditions that one chained parameter may come to, over all the types it can lead to.
  public static let chainBranches = 160
  /// `_include` and `_revinclude` parameters in one query.
  public static let includes = 32
  /// Keys of one `_sort`.
  public static let sortKeys = 8
  /// Unicode scalars of a text that results are sorted by.
  static let scalarsInSortValue = 100
  /// Names in `_elements`.
  public static let elementNames = 64
  /// Index terms for one alternative that is a range of dates.
  static let dateTerms = 130
  /// Index terms for one alternative that is a range of numbers.
  static let numberTerms = 60
  /// Index terms for one criterion; with more, the criterion is left to the exact check.
  static let termsInCriterion = 400
}
