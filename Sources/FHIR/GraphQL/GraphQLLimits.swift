/// Bounds on one GraphQL request, so that a hostile one costs bounded time and memory.
public struct GraphQLLimits: Sendable {
  /// Bytes of a document, and of a body around it.
  public var documentBytes = 64 << 10
  /// Tokens of a document.
  public var tokens = 8_000
  /// How deep selections may be nested, fragments followed.
  public var depth = 24
  /// How deep lists and objects may be nested in a value.
  public var valueDepth = 8
  /// Selections of a document with every fragment counted wherever it is spread: aliases and
  /// fragments multiply what is asked for.
  public var selections = 2_000
  /// Looks at a selection for a type that it may be made on.
  public var validationSteps = 100_000
  /// Work on records: one for each that is looked at, and one for every 4 KiB of it.
  public var records = 20_000
  /// Searches and reads.
  public var questions = 500
  /// Values of an answer.
  public var values = 250_000
  /// Bytes of the values of an answer.
  public var answerBytes = 32 << 20
  /// Steps of all FHIRPath expressions together.
  public var pathSteps = 2_000_000

  /// The bounds as they are.
  public init() {}
}
