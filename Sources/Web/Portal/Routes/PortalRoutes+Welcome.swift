import Consent
import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// What the owner of a chart does first; the staff begin elsewhere.
  func welcome(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    guard visitor.isOwner, let chart = visitor.chart else { return PortalAnswer.seeOther("/") }
    let caller = try visitor.caller
    let grants = try await exchange.grants(of: chart, as: caller)
    let helpers = try await exchange.people(of: chart, as: caller)
    let mail = try await exchange.mailSettings(of: visitor.signedIn)
    var steps = [
      WelcomePage.Step(
        "factors", "/security", isDone: visitor.signedIn.authentication.isMultiFactor)
    ]
    if exchange.kind == .household {
      let written = EverythingRequest(types: [
        "AllergyIntolerance", "Condition", "MedicationStatement",
      ])
      let own = try await exchange.everything(
        of: chart, written, cursor: nil, count: 1, query: [], as: caller)
      steps.append(WelcomePage.Step("record", "/record/new", isDone: !own.resources.isEmpty))
    }
    steps.append(WelcomePage.Step("sharing", "/sharing/new", isDone: !grants.isEmpty))
    steps.append(
      WelcomePage.Step(
        "helpers", "/family/new",
        isDone: helpers.contains {
          $0.relationship != RelationshipKind.selfOfPatient.rawValue
            && $0.relationship != RelationshipKind.treating.rawValue
        }))
    if exchange.sendsMail {
      steps.append(WelcomePage.Step("mail", "/account", isDone: mail.address != nil))
    }
    return try await page(WelcomePage(name: visitor.name, steps: steps), request)
  }

  /// What people write down themselves, as a record of the chart.
  func newRecord(_ request: PortalRequest) async throws -> Response {
    let (visitor, chart) = try request.chart()
    guard exchange.kind == .household, visitor.isOwner else {
      throw PeerChartError(.forbidden, "this chart is written by those who treat the patient")
    }
    guard request.isPost else { return try await page(NewRecordPage(), request) }
    let form = try await PortalForm(request)
    guard let kind = NewRecordPage.Kind(rawValue: form["kind"]) else {
      throw PeerChartError(.invalid, "nothing of that kind is written down here", place: "kind")
    }
    var model = NewRecordPage(
      kind: kind, what: form["what"], since: form["since"], note: form["note"])
    if model.what.isEmpty || model.what.utf8.count > 800 { model.errors["what"] = "error.field" }
    if model.note.utf8.count > 4000 { model.errors["note"] = "error.field" }
    if !model.since.isEmpty, !Self.isDay(model.since) { model.errors["since"] = "error.field" }
    if model.errors.isEmpty {
      let (type, body) = Self.resource(model, of: chart)
      do {
        _ = try await exchange.create(type, body, as: visitor.caller)
        return PortalAnswer.seeOther("/record?done=written")
      } catch let error as PeerChartError where error.code == .invalid || error.code == .malformed {
        model.errors["what"] = "error.field"
      }
    }
    return try await page(
      model, request, notes: [PageFrame.Note(.alarm, "error.form")], status: .unprocessableContent)
  }

  /// `YYYY-MM-DD` of a day that there was.
  private static func isDay(_ text: String) -> Bool {
    text.utf8.count == 10 && Instant(text + "T00:00:00Z") != nil
  }

  private static func resource(
    _ model: NewRecordPage, of chart: String
  ) -> (type: String, body: [UInt8]) {
    let patient: JSONTree = ["reference": .string("Patient/\(chart)")]
    let code: JSONTree = ["text": .string(model.what)]
    var members: [String: JSONTree] = [:]
    let type: String
    switch model.kind {
    case .allergy:
      type = "AllergyIntolerance"
      members = [
        "patient": patient, "code": code,
        "clinicalStatus": active("allergyintolerance-clinical"),
      ]
      if !model.since.isEmpty { members["onsetDateTime"] = .string(model.since) }
    case .medication:
      type = "MedicationStatement"
      members = ["subject": patient, "medicationCodeableConcept": code, "status": "active"]
      if !model.since.isEmpty { members["effectiveDateTime"] = .string(model.since) }
    case .problem:
      type = "Condition"
      members = ["subject": patient, "code": code, "clinicalStatus": active("condition-clinical")]
      if !model.since.isEmpty { members["onsetDateTime"] = .string(model.since) }
    }
    members["resourceType"] = .string(type)
    if !model.note.isEmpty { members["note"] = [["text": .string(model.note)]] }
    let tree = JSONTree.object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    return (type, tree.serialized())
  }

  private static func active(_ system: String) -> JSONTree {
    [
      "coding": [
        [
          "system": .string("http://terminology.hl7.org/CodeSystem/\(system)"), "code": "active",
        ]
      ]
    ]
  }
}
