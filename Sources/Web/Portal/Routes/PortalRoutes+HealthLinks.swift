import ClinicalFormats
import Consent
import Exchange
import FHIR
import Hummingbird
import Primitives

extension PortalRoutes {
  /// Health links: making one, those that were made, showing one once more, ending one.
  func healthLinks(_ request: PortalRequest) async throws -> Response {
    try request.require(.decideSharing)
    let (visitor, chart) = try request.chart()
    let caller = try visitor.caller
    if case .healthLink(let id) = request.route {
      guard request.isPost else {
        return try await show(try await exchange.linkText(id, as: caller), request)
      }
      _ = try await PortalForm(request)
      do {
        try await exchange.revokeLink(id, as: caller)
      } catch let error as PeerChartError where error.code == .conflict {
        // Who presses twice gets what both presses ask for.
      }
      return PortalAnswer.seeOther("/sharing/links?done=link_ended")
    }
    var draft = HealthLinkForm()
    if request.isPost {
      draft = HealthLinkForm(try await PortalForm(request))
      if draft.errors.isEmpty {
        var order = HealthLinkOrder(patient: chart, base: try request.incoming.baseURL().text)
        order.label = draft.label.isEmpty ? nil : draft.label
        order.seconds = draft.seconds
        order.passcode = draft.passcode.isEmpty ? nil : Redacted(draft.passcode)
        if draft.hasCard {
          let rows = try await cardRecords(chart, caller)
          order.records = rows.filter { $0.type == "Immunization" }
            .prefix(HealthCardOrder.maximumRecords).map { "\($0.type)/\($0.id)" }
        }
        return try await show(try await exchange.createLink(order, as: caller), request)
      }
    }
    return try await page(
      HealthLinksPage(links: try await exchange.healthLinks(of: chart, as: caller), draft: draft),
      request, notes: draft.errors.isEmpty ? [] : [PageFrame.Note(.alarm, "error.form")],
      status: draft.errors.isEmpty ? .ok : .unprocessableContent)
  }

  private func show(_ link: HealthLinkText, _ request: PortalRequest) async throws -> Response {
    try await page(
      HealthLinkPage(code: try QRCode(link.text.exposed), text: link.text.exposed), request)
  }
}

extension HealthLinkForm {
  /// What a form says.
  fileprivate init(_ form: PortalForm) {
    self.init()
    label = form["label"]
    passcode = form["passcode"]
    hours = form["hours"]
    hasCard = form.all("contents").contains("card")
    if label.count > HealthLink.maximumLabel { errors["label"] = "hlinks.error_label" }
    if !passcode.isEmpty, !(4...64).contains(passcode.utf8.count) {
      errors["passcode"] = "hlinks.error_passcode"
    }
    if seconds == nil { errors["hours"] = "error.form" }
  }
}
