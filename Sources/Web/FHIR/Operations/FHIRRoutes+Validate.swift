import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `$validate` (R4 3.1.0.10): a resource alone, or a Parameters with `resource` and `profile`.
  func validate(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    var body = try await resource(incoming)
    var profiles = query.values("profile")
    let sent = try JSONDocument(parsing: body).root
    if call.type != "Parameters", sent["resourceType"]?.string == "Parameters" {
      let parameters = sent["parameter"].map { Array($0.elements) } ?? []
      guard let named = parameters.first(where: { $0["name"]?.string == "resource" }),
        let resource = named["resource"]
      else {
        throw PeerChartError(
          .invalid, "there is no parameter with the resource", place: "Parameters.parameter")
      }
      profiles += parameters.filter { $0["name"]?.string == "profile" }.compactMap { parameter in
        (parameter["valueUri"] ?? parameter["valueCanonical"])?.string
      }
      body = try Resource(resource).bytes
    }
    let issues = try await exchange.validate(body, profiles: profiles, as: caller)
    return Answer.json(OperationOutcome.tree(for: issues).serialized(), type: MediaTypes.fhir)
  }
}
