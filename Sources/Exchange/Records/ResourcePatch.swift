public import FHIR
public import Primitives

/// A change to a record, said as what is to be done to it (R4 3.1.0.5).
public enum ResourcePatch: Sendable {
  /// RFC 6902.
  case json(JSONPatch)
  /// A Parameters resource (R4 3.1.0.5.2).
  case fhirPath(FHIRPathPatch)

  /// Reads a body.
  ///
  /// - Throws: `malformed` or `invalid` with the place, `too-large`.
  public init(parsing body: [UInt8], isJSONPatch: Bool) throws(PeerChartError) {
    self =
      isJSONPatch
      ? .json(try JSONPatch(parsing: body))
      : .fhirPath(try FHIRPathPatch(Resource(parsing: body)))
  }

  func applied(to resource: Resource) throws(PeerChartError) -> [UInt8] {
    switch self {
    case .json(let patch): try patch.applied(to: resource)
    case .fhirPath(let patch):
      try patch.applied(to: resource, types: StructureElementTypes.standard)
    }
  }
}
