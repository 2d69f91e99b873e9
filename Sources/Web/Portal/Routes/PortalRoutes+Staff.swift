import Consent
import Exchange
import FHIR
import Hummingbird
import Primitives

extension PortalRoutes {
  func staff(_ request: PortalRequest) async throws -> Response {
    switch request.route {
    case .patients:
      try request.require(.askForAccess)
      let peers = try await exchange.peers()
      let asked = try await exchange.accessRequests().filter { $0.direction == "outgoing" }
      return try await page(
        PatientsPage(
          charts: try request.signedIn().charts, requests: asked.map { Self.card($0, peers) }),
        request)
    case .newRequest:
      try request.require(.askForAccess)
      return try await newRequest(request)
    default:
      try request.require(.manageStaff)
      throw PeerChartError(.notSupported, "this node keeps no accounts of staff")
    }
  }

  private func newRequest(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    let peers = try await exchange.peers()
    var draft = RequestForm()
    if request.isPost {
      draft = Self.requestForm(try await PortalForm(request), peers)
      if draft.errors.isEmpty, let node = NodeID(draft.node), let asked = Self.requestDraft(draft) {
        _ = try await exchange.requestAccess(asked, from: node, as: visitor.caller)
        return PortalAnswer.seeOther("/patients?done=asked")
      }
    }
    return try await page(
      NewRequestPage(
        nodes: peers.map { ($0.node, $0.name) }, types: RecordType.allCases.map(\.rawValue),
        labels: SensitivityLabel.allCases.map(\.rawValue), purposes: Self.purposes.map(\.rawValue),
        draft: draft), request,
      notes: draft.errors.isEmpty ? [] : [PageFrame.Note(.alarm, "error.form")],
      status: draft.errors.isEmpty ? .ok : .unprocessableContent)
  }

  private static func requestForm(_ form: PortalForm, _ peers: [PeerSummary]) -> RequestForm {
    var draft = RequestForm()
    draft.node = form["node"]
    draft.name = form["name"]
    draft.birth = form["birth"]
    draft.patient = form["patient"]
    draft.types = form.all("types")
    draft.labels = form.all("labels")
    draft.purpose = form["purpose"]
    draft.hours = form["hours"]
    draft.reason = form["reason"]
    if draft.name.isEmpty, draft.patient.isEmpty { draft.errors["name"] = "ask.error_patient" }
    if draft.types.isEmpty { draft.errors["types"] = "sharing.error_types" }
    if draft.reason.isEmpty { draft.errors["reason"] = "ask.error_reason" }
    if !peers.contains(where: { $0.node == draft.node }) {
      draft.errors["node"] = "sharing.error_to"
    }
    return draft
  }

  private static func requestDraft(_ draft: RequestForm) -> AccessRequestDraft? {
    guard let hours = Int64(draft.hours), FormChoice.spans.contains(Int(hours)),
      let purpose = PurposeOfUse(rawValue: draft.purpose)
    else { return nil }
    func given(_ text: String) -> String? { text.isEmpty ? nil : text }
    let labels = draft.labels.compactMap(SensitivityLabel.init(rawValue:))
    return AccessRequestDraft(
      patient: PatientHint(
        id: given(draft.patient), name: given(draft.name), birthDate: given(draft.birth)),
      types: RecordTypeSet(draft.types.compactMap(RecordType.init(rawValue:))),
      labels: labels.reduce(into: .ordinary) { $0.formUnion(LabelSet($1)) }, purpose: purpose,
      seconds: hours * 3600, reason: draft.reason)
  }
}
