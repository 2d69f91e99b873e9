public import Primitives

/// A FHIRPath Patch (FHIR R4 fhirpatch.html): a Parameters resource whose operations name their places
/// by FHIRPath.
///
/// All operations or none. They edit the bytes: a number keeps its literal, and what no operation
/// touches stays byte for byte.
public struct FHIRPathPatch: Sendable {
  let operations: [FHIRPathPatchOperation]
  private let limits: PatchLimits

  /// Reads a patch.
  ///
  /// - Throws: `malformed` for what is no patch, `tooLarge` for too many operations, and what
  ///   `FHIRPath` throws. The place is that in the Parameters: `Parameters.parameter[2].part[1]`.
  public init(_ parameters: Resource, limits: PatchLimits = .init()) throws(PeerChartError) {
    guard parameters.type == "Parameters" else {
      throw PeerChartError(
        .malformed, "a FHIRPath patch is a Parameters resource", place: parameters.root.pointer)
    }
    var operations: [FHIRPathPatchOperation] = []
    if let list = parameters.root["parameter"] {
      guard list.kind == .array else {
        throw PeerChartError(.malformed, "parameter is a list", place: list.pointer)
      }
      guard list.count <= limits.maximumOperations else {
        throw PeerChartError(
          .tooLarge, "a patch has more operations than are allowed", place: list.pointer)
      }
      for parameter in list.elements {
        operations.append(try FHIRPathPatchOperation(parameter))
      }
    }
    self.operations = operations
    self.limits = limits
  }

  /// The bytes of the resource after all operations.
  ///
  /// `types` must know the structure of the resource: whether an element is a list or a choice
  /// decides how its JSON looks.
  ///
  /// - Throws: `invalid` where a path leads nowhere or to more than the operation can take, where a
  ///   value does not fit, or where the type or the id of the resource would change; `tooLarge` beyond
  ///   the limits. Nothing is changed then. The place is that of the operation in the Parameters.
  public func applied(
    to resource: Resource, types: any ElementTypes, budget: FHIRPathBudget = FHIRPathBudget()
  ) throws(PeerChartError) -> [UInt8] {
    var target = try PatchedResource(resource, limits: limits)
    for operation in operations {
      do throws(PeerChartError) {
        try target.charge()
        let step = FHIRPathPatchStep(
          operation: operation, root: target.root, types: types, budget: budget)
        try target.apply(step.edits())
      } catch {
        // A place in the Parameters is more precise than that of the operation.
        let place = error.place.map {
          $0.hasPrefix("Parameters") ? $0 : "\(operation.place), \($0)"
        }
        throw PeerChartError(error.code, error.reason, place: place ?? operation.place)
      }
    }
    return try target.finished()
  }
}
