/// One token of an expression.
enum PathToken: Equatable {
  /// A name, also one that is an operator elsewhere.
  case identifier(String)
  /// A name between backticks, which is never an operator.
  case delimited(String)
  case string(String)
  /// Digits, with a fraction or without.
  case number(String)
  /// What follows an `@`.
  case temporal(String)
  /// The name behind a `%`.
  case variable(String)
  /// The name behind a `$`.
  case special(String)
  /// A sign of one or two characters.
  case symbol(String)
  case end
}
