public import Primitives

/// One error of a GraphQL answer (GraphQL October 2021, 7.1.2). It says nothing of what records hold:
/// the path consists of the names that the request gave and of positions.
public struct GraphQLFault: Error, Sendable, Equatable {
  /// A step of the path to the field that failed.
  public enum Step: Sendable, Equatable {
    case name(String)
    case position(Int)
  }

  /// What is wrong; its place is left out.
  public let error: PeerChartError
  /// Where in the document, from 1.
  public let line: Int
  public let column: Int
  /// To the field of the answer that is missing; nil where the request itself is wrong.
  public let path: [Step]?

  init(_ error: PeerChartError, line: Int, column: Int, path: [Step]? = nil) {
    self.error = error
    self.line = line
    self.column = column
    self.path = path
  }

  /// The fault as a member of `errors`, with an OperationOutcome (R4 graphql.html, Error Handling).
  var tree: JSONTree {
    var members: [(String, JSONTree)] = [("message", .string(error.reason))]
    if line > 0 {
      members.append(
        (
          "locations",
          [.object([("line", .number(String(line))), ("column", .number(String(column)))])]
        ))
    }
    if let path {
      members.append(
        (
          "path",
          .array(
            path.map { step in
              switch step {
              case .name(let name): .string(name)
              case .position(let position): .number(String(position))
              }
            })
        ))
    }
    members.append(
      (
        "extensions",
        .object([
          ("code", .string(error.code.rawValue)), ("resource", OperationOutcome.tree(for: [error])),
        ])
      ))
    return .object(members)
  }
}
