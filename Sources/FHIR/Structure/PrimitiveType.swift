/// The primitive data types of FHIR R4 (2.24.0.1), which JSON holds in a string, a number or a
/// boolean and XML in the attribute `value`.
public enum PrimitiveType: String, Sendable, CaseIterable {
  case base64Binary, boolean, canonical, code, date, dateTime, decimal, id, instant, integer
  case markdown, oid, positiveInt, string, time, unsignedInt, uri, url, uuid
  /// The `div` of a narrative: a string in JSON, an element in XML.
  case xhtml

  /// What holds a value in JSON (R4 2.6.2.1).
  public var jsonKind: JSONValue.Kind {
    switch self {
    case .boolean: .bool
    case .decimal, .integer, .positiveInt, .unsignedInt: .number
    default: .string
    }
  }
}
