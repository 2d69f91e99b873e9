import FHIR
import FuzzDriver
import Primitives

/// FHIR JSON, and GraphQL, as a stranger may send them. What parses must survive everything that is done with a
/// resource before it is stored, and its canonical form must be canonical.
@main enum FHIRFuzz {
  static func main() {
    let limits: JSONLimits = {
      var limits = JSONLimits()
      limits.maximumBytes = 1 << 16
      return limits
    }()
    FuzzDriver.run { bytes in
      if let text = String(validating: bytes, as: UTF8.self),
        let request = try? GraphQLRequest(query: text)
      {
        for type in [nil, "Patient", "Bundle"] { _ = try? request.check(on: type) }
      }
      _ = try? GraphQLRequest(json: bytes)
      var splitter = NDJSONSplitter(maximumLineBytes: 4096)
      for line in (try? splitter.split(bytes)) ?? [] { _ = try? line.resource(limits: limits) }
      guard let document = try? JSONDocument(parsing: bytes, limits: limits) else { return }
      precondition(document.bytes == bytes)
      visit(document.root)
      if let canonical = try? CanonicalJSON.serialize(document.root) {
        guard let again = try? JSONDocument(parsing: canonical, limits: limits),
          let twice = try? CanonicalJSON.serialize(again.root)
        else { preconditionFailure("a canonical form that does not parse") }
        precondition(canonical == twice)
      }
      guard let resource = try? Resource(parsing: bytes, limits: limits) else { return }
      _ = resource.structureErrors()
      _ = resource.structureWarnings()
      for link in resource.links { _ = link.pointer }
      _ = try? Resource(parsing: resource.removingIdentity(), limits: limits)
      guard let bundle = try? ResourceBundle(resource) else { return }
      for entry in bundle.entries {
        _ = (try? entry.fullUrl, try? entry.resource?.links.count, try? entry.request?.url)
      }
    }
  }

  /// Reads every node the ways a caller could.
  private static func visit(_ value: JSONValue) {
    _ = (value.string, value.numberLiteral, value.bool, value.raw.count, value[0], value["id"])
    for member in value.members { visit(member.value) }
    for element in value.elements { visit(element) }
  }
}
