public import Primitives

/// The XML form of resources, `application/fhir+xml` (R4 2.6.1), from and to the JSON form.
///
/// Both ways keep everything that FHIR has: number literals, ids and extensions of primitives, the
/// bytes of narratives. Comments and processing instructions outside of narratives are dropped.
public enum FHIRXML {
  /// The JSON form of a resource in XML.
  ///
  /// - Throws: `malformed` for bad XML, a document type or an entity of one's own, `invalid` for
  ///   elements that R4 does not have there (also in a wrong order), `tooLarge` beyond the limits. The
  ///   place is a path with line and column: `Patient.name[0].famly, line 3, column 12`.
  public static func json(
    from xml: [UInt8], limits: XMLLimits = .init()
  ) throws(PeerChartError) -> [UInt8] {
    let reader = XMLResourceReader()
    try XMLReader.read(xml, limits: limits, into: reader)
    guard let json = reader.json else {
      throw PeerChartError(.malformed, "the XML text holds no resource", place: "line 1, column 1")
    }
    return json
  }

  /// The XML form of a resource in JSON, with a line for each element where `indented`.
  ///
  /// - Throws: `invalid` with its place for what XML cannot hold without loss: elements that R4 does
  ///   not have, values of another JSON type, empty elements, control characters, a narrative that is
  ///   no well-formed XHTML.
  public static func xml(
    from resource: JSONValue, indented: Bool = false
  ) throws(PeerChartError) -> [UInt8] {
    var writer = XMLResourceWriter(isIndented: indented)
    try writer.write(document: resource)
    return writer.output
  }
}
