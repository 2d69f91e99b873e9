import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `DocumentReference/$docref` (US Core): the documents about a patient's care in a period, or the
  /// current ones. Pages go on as those of the search that it stands for.
  func documents(_ query: QueryString, _ incoming: Incoming) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    let input = try await parameters(query, incoming)
    try input.require(only: ["patient", "start", "end", "type", "on-demand", "profile", "_count"])
    guard let patient = try input.value("patient") else {
      throw PeerChartError(.invalid, "the patient is named", place: "patient")
    }
    guard try input.bool("on-demand") != true, input.values("profile").isEmpty else {
      throw PeerChartError(
        .notSupported,
        "no documents are made on demand here but the patient summary: Patient/[id]/$summary")
    }
    var search = [("patient", patient)]
    let (start, end) = (try input.value("start"), try input.value("end"))
    if let start { search.append(("period", "ge\(start)")) }
    if let end { search.append(("period", "le\(end)")) }
    if start == nil, end == nil { search.append(("status", "current")) }
    for type in input.values("type") { search.append(("type", type)) }
    if let count = try input.value("_count") { search.append(("_count", count)) }
    search.append(("_sort", "-date"))
    let place = SearchPlace(type: "DocumentReference")
    let page = try await exchange.search(place, query: search, strict: true, as: caller)
    return try found(page, at: place.path, page.used.map { ($0.name, $0.value) }, incoming)
  }
}
