import Consent
import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// What the staff confirm before they see other people's charts.
  func training(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    let next = PortalPath.inside(request.value("next"))
    guard request.isPost else { return try await page(TrainingPage(next: next), request) }
    let form = try await PortalForm(request)
    let back = PortalPath.inside(form["next"])
    guard form["confirm"] == "yes" else {
      return try await page(
        TrainingPage(next: back, error: "training.error"), request, status: .unprocessableContent)
    }
    try await exchange.acknowledgeTraining(visitor.signedIn, from: request.origin())
    return PortalAnswer.seeOther(back == "/" ? "/?done=trained" : back)
  }

  /// Who treats a patient of this node, and inviting those who sign in as or for the patient.
  func care(of patient: String, _ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    let assigns = visitor.permissions.contains(.assignCare)
    let invites = visitor.permissions.contains(.invitePatients)
    guard Resource.isValidID(patient), assigns || invites else {
      throw PeerChartError(.forbidden, "this page is not for this role")
    }
    var model = CarePage(
      patient: patient, relations: invites ? Self.relations.map(\.rawValue) : [])
    if request.isPost {
      let form = try await PortalForm(request)
      do {
        if let done = try await change(patient, form, visitor, &model) {
          return PortalAnswer.seeOther("/patients/\(patient)?done=\(done)")
        }
      } catch let error as PeerChartError where error.code == .conflict {
        model.error = "care.conflict"
      }
    }
    // The name is read as any record is; to whom it is not open, the number is shown.
    let released = try? await exchange.read("Patient", id: patient, as: visitor.caller)
    model.name = try released.flatMap { try RecordReading($0).title }
    if assigns {
      model.treating = try await exchange.people(of: patient, as: visitor.caller)
        .filter { $0.relationship == RelationshipKind.treating.rawValue }
        .map { CarePage.Person(id: $0.account, name: $0.name, roles: [], until: $0.until) }
      model.staff = try await exchange.careStaff(as: visitor.caller).map {
        CarePage.Person(id: $0.account, name: $0.name, roles: $0.roles, until: nil)
      }
    }
    return try await page(
      model, request, status: model.error == nil ? .ok : .unprocessableContent)
  }

  /// - Returns: the word for what was done; nil where a code is to be shown.
  private func change(
    _ patient: String, _ form: PortalForm, _ visitor: PortalVisitor, _ model: inout CarePage
  ) async throws -> String? {
    switch form["do"] {
    case "assign":
      guard let account = AccountID(form["account"]), let hours = Int64(form["hours"]),
        FormChoice.spans.contains(Int(hours))
      else { throw PeerChartError(.invalid, "nobody was chosen", place: "account") }
      try await exchange.assign(
        account, toTreat: patient, seconds: hours * 3600, as: visitor.caller)
      return "assigned"
    case "end":
      guard let account = AccountID(form["account"]) else {
        throw PeerChartError(.notFound, "there is no account of that id")
      }
      try await exchange.endRelationship(of: account, to: patient, as: visitor.caller)
      return "unassigned"
    case "invite":
      guard let kind = RelationshipKind(rawValue: form["relation"]), Self.relations.contains(kind)
      else { throw PeerChartError(.invalid, "nobody is invited as that", place: "relation") }
      model.invitation = try await invite(
        .relation(kind, patient: patient, until: nil), visitor)
      return nil
    default: throw PeerChartError(.invalid, "this form asks for nothing", place: "do")
    }
  }
}
