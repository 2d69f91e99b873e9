import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `Patient/$summary` (IPS 2.0.0), of a patient by id or by identifier.
  func summary(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    let input = try await parameters(query, incoming)
    try input.require(only: ["identifier", "profile"])
    try checkProfile(try input.value("profile"))
    let subject: SummarySubject
    switch (call.id, try input.value("identifier")) {
    case (let id?, nil): subject = .patient(id)
    case (nil, let identifier?): subject = .identifier(identifier)
    default:
      throw PeerChartError(
        .invalid, "a patient is named by the address or by this parameter", place: "identifier")
    }
    let base = try incoming.baseURL().fhir
    return Answer.json(
      try await exchange.summary(of: subject, base: base, as: caller), type: MediaTypes.fhir)
  }

  /// Only the summary of the International Patient Summary itself is made.
  private func checkProfile(_ profile: String?) throws(PeerChartError) {
    let known = InternationalPatientSummary.profile
    guard let profile, profile != known,
      profile != "\(known)|\(InternationalPatientSummary.version)"
    else { return }
    throw PeerChartError(
      .notSupported,
      "this node makes summaries of the profile \(known)|\(InternationalPatientSummary.version)",
      place: "profile")
  }
}
