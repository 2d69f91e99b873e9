public import Primitives

/// A JSON Patch (RFC 6902) for one resource.
///
/// All operations or none. They edit the bytes: a number keeps its literal, and what no operation
/// touches stays byte for byte.
public struct JSONPatch: Sendable {
  /// One operation, its pointers read.
  enum Operation: Sendable {
    case add(JSONPointer, JSONValue)
    case remove(JSONPointer)
    case replace(JSONPointer, JSONValue)
    case move(from: JSONPointer, JSONPointer)
    case copy(from: JSONPointer, JSONPointer)
    case test(JSONPointer, JSONValue)
  }

  let operations: [Operation]
  private let limits: PatchLimits

  /// Parses a patch: an array of operations.
  ///
  /// - Throws: what `JSONDocument` throws; `malformed` for what is no operation, `tooLarge` for too
  ///   many. The place is that of the operation: `[3].path`.
  public init(parsing bytes: [UInt8], limits: PatchLimits = .init()) throws(PeerChartError) {
    try self.init(JSONDocument(parsing: bytes).root, limits: limits)
  }

  /// Reads a patch that is part of a document.
  ///
  /// - Throws: as above.
  public init(_ value: JSONValue, limits: PatchLimits = .init()) throws(PeerChartError) {
    guard value.kind == .array else {
      throw PeerChartError(.malformed, "a JSON patch is an array of operations", place: "$")
    }
    guard value.count <= limits.maximumOperations else {
      throw PeerChartError(
        .tooLarge, "a JSON patch has more operations than are allowed",
        place: "[\(limits.maximumOperations)]")
    }
    var operations: [Operation] = []
    for (index, element) in value.elements.enumerated() {
      operations.append(try Self.operation(element, place: "[\(index)]"))
    }
    self.operations = operations
    self.limits = limits
  }

  private static func operation(
    _ value: JSONValue, place: String
  ) throws(PeerChartError) -> Operation {
    func fault(_ reason: String, _ member: String = "") -> PeerChartError {
      PeerChartError(.malformed, reason, place: place + member)
    }
    func pointer(_ name: String) throws(PeerChartError) -> JSONPointer {
      guard let text = value[name]?.string else {
        throw fault("this operation needs a JSON pointer here", ".\(name)")
      }
      do throws(PeerChartError) {
        return try JSONPointer(text)
      } catch {
        throw PeerChartError(error.code, error.reason, place: "\(place).\(name)")
      }
    }
    func operand() throws(PeerChartError) -> JSONValue {
      guard let operand = value["value"] else {
        throw fault("this operation needs a value", ".value")
      }
      return operand
    }
    guard value.kind == .object else { throw fault("an operation is an object") }
    switch value["op"]?.string {
    case "add": return try .add(pointer("path"), operand())
    case "remove": return try .remove(pointer("path"))
    case "replace": return try .replace(pointer("path"), operand())
    case "move": return try .move(from: pointer("from"), pointer("path"))
    case "copy": return try .copy(from: pointer("from"), pointer("path"))
    case "test": return try .test(pointer("path"), operand())
    default: throw fault("op is add, remove, replace, move, copy or test", ".op")
    }
  }

  /// The bytes of the resource after all operations.
  ///
  /// - Throws: `invalid` where an operation leads nowhere, or would change the type or the id of the
  ///   resource; `conflict` for a test that fails; `tooLarge` beyond the limits. Nothing is changed
  ///   then. The place is that of the operation: `[3].path`.
  public func applied(to resource: Resource) throws(PeerChartError) -> [UInt8] {
    var target = try PatchedResource(resource, limits: limits)
    for (index, operation) in operations.enumerated() {
      do throws(PeerChartError) {
        try target.charge()
        try target.apply(edits(for: operation, in: target.root))
      } catch {
        throw PeerChartError(
          error.code, error.reason, place: "[\(index)]\(error.place ?? ".path")")
      }
    }
    return try target.finished()
  }
}
