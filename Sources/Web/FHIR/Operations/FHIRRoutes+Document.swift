import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `Composition/$document` (R4), of a Composition by its address or by the parameter `id`.
  ///
  /// R4 has a remark that the document comes within a search Bundle, and no output that would say so;
  /// later versions have dropped it, and what comes here is the document itself.
  func document(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    let input = try await parameters(query, incoming)
    try input.require(only: ["id", "persist", "graph"])
    if try input.bool("persist") == true {
      throw PeerChartError(
        .notSupported,
        "this node keeps the records, not documents made of them; ask without persist",
        place: "persist")
    }
    guard try input.value("graph") == nil else {
      throw PeerChartError(
        .notSupported, "a document is made of what the Composition refers to, not by a graph",
        place: "graph")
    }
    let base = try incoming.baseURL().fhir
    let id: String
    switch (call.id, try input.value("id")) {
    case (let address?, nil): id = address
    case (nil, let named?): id = try compositionID(named, base: base)
    default:
      throw PeerChartError(
        .invalid, "a Composition is named by the address or by this parameter", place: "id")
    }
    return Answer.json(
      try await exchange.document(of: id, base: base, as: caller), type: MediaTypes.fhir)
  }

  /// A simple id, or the URL of a Composition of this node.
  private func compositionID(_ named: String, base: String) throws(PeerChartError) -> String {
    if Resource.isValidID(named) { return named }
    for start in ["\(base)/Composition/", "Composition/"] where named.hasPrefix(start) {
      let id = String(named.dropFirst(start.count))
      if Resource.isValidID(id) { return id }
    }
    throw PeerChartError(
      .notSupported, "only documents of Compositions on this node are made", place: "id")
  }
}
