import FHIR
import Primitives

/// A resource with its members in the order of their names, so that two forms compare by content.
func sorted(_ value: JSONValue) -> JSONTree {
  switch value.kind {
  case .object:
    .object(
      value.members.map { ($0.name, sorted($0.value)) }
        .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) })
  case .array: .array(value.elements.map { sorted($0) })
  default: JSONTree(value)
  }
}

func sorted(_ json: some Collection<UInt8>) throws -> JSONTree {
  sorted(try JSONDocument(parsing: Array(json)).root)
}

func xml(_ json: String) throws -> String {
  String(
    decoding: try FHIRXML.xml(from: JSONDocument(parsing: Array(json.utf8)).root), as: UTF8.self)
}

func json(_ xml: String) throws -> String {
  String(decoding: try FHIRXML.json(from: Array(xml.utf8)), as: UTF8.self)
}

/// What reading a text refuses.
func refusal(_ xml: String, limits: XMLLimits = .init()) -> PeerChartError? {
  do {
    _ = try FHIRXML.json(from: Array(xml.utf8), limits: limits)
    return nil
  } catch {
    return error
  }
}
