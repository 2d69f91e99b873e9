/// One node of a compiled expression.
final class PathNode: Sendable {
  /// What is done.
  let operation: PathOperation
  /// The expressions it is done to; of a call the input first, then the arguments.
  let operands: [PathNode]
  /// The name of a member or a variable.
  let text: String
  /// What a literal stands for.
  let value: FHIRPathCollection
  /// What `is`, `as` and `ofType` ask for.
  let typeName: PathTypeName?
  /// A regular expression that is known beforehand.
  let pattern: PathPattern?
  /// Where it stands in the text: the number of its first character, from 1.
  let position: Int
  let depth: Int

  init(
    _ operation: PathOperation, _ operands: [PathNode] = [], at position: Int, text: String = "",
    value: FHIRPathCollection = .empty, typeName: PathTypeName? = nil, pattern: PathPattern? = nil
  ) {
    self.operation = operation
    self.operands = operands
    self.position = position
    self.text = text
    self.value = value
    self.typeName = typeName
    self.pattern = pattern
    depth = 1 + (operands.lazy.map(\.depth).max() ?? 0)
  }
}

/// What a node does.
enum PathOperation: Sendable {
  case literal, this, index, total, variable
  /// A name behind a dot.
  case member
  /// A name at the beginning of an expression, where it may also be that of the context's type.
  case firstMember
  case indexer
  case negate, unaryPlus
  case multiply, divide, wholeDivide, remainder, add, subtract, concatenate
  case isType, asType
  case union
  case less, lessOrEqual, greater, greaterOrEqual
  case equal, equivalent, notEqual, notEquivalent
  case isIn, contains
  case and, or, xor, implies
  case call(FHIRPathFunction)
}

/// The name of a type in an expression: `Patient`, `FHIR.string`, `System.String`.
struct PathTypeName: Sendable {
  enum Namespace: Sendable { case any, fhir, system }

  let namespace: Namespace
  let name: String
}
