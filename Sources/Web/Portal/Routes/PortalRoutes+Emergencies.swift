import Consent
import Exchange
import FHIR
import Hummingbird
import Primitives

extension PortalRoutes {
  func emergencies(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    switch request.route {
    case .emergency(let id): return try await review(id, request)
    case _ where request.isPost: return try await breakTheGlass(request)
    default:
      return try await page(
        EmergenciesPage(
          sessions: try await sessions(visitor),
          mayReview: Self.mayReview(visitor), reasons: Self.reasons(visitor)),
        request)
    }
  }

  private static func reasons(_ visitor: PortalVisitor) -> [String] {
    visitor.permissions.contains(.breakGlass)
      ? BreakGlassSession.Emergency.allCases.map(\.rawValue) : []
  }

  private static func mayReview(_ visitor: PortalVisitor) -> Bool {
    visitor.isOwner || visitor.permissions.contains(.reviewBreakGlass)
  }

  private func sessions(_ visitor: PortalVisitor) async throws -> [EmergenciesPage.Session] {
    guard Self.mayReview(visitor) else { return [] }
    // The owner's chart, or for the privacy officer all.
    let chart = visitor.isOwner ? visitor.chart : nil
    let names = try await namesOfEmergencies(visitor)
    return try await exchange.breakGlassSessions(of: chart, as: try visitor.caller).map { session in
      EmergenciesPage.Session(
        id: session.session, who: names[session.session] ?? session.by, reason: session.reason,
        text: session.text,
        types: session.recordTypes, labels: session.labels, justification: session.justification,
        from: session.from, until: session.until, review: session.review)
    }
  }

  /// Who opened a chart, as those about whom it is were told at once: a session itself knows an id only.
  func namesOfEmergencies(_ visitor: PortalVisitor) async throws -> [String: String] {
    let notices = try await exchange.notices(as: visitor.caller)
    return notices.reduce(into: [:]) { names, notice in
      guard notice.kind == .glassBroken, let session = notice.reference else { return }
      names[session] = notice.peer
    }
  }

  private func review(_ id: String, _ request: PortalRequest) async throws -> Response {
    guard request.isPost else { return PortalAnswer.seeOther("/emergency") }
    let form = try await PortalForm(request)
    guard ["accepted", "violation"].contains(form["judgement"]), !form["note"].isEmpty else {
      throw PeerChartError(.invalid, "a review has a judgement and a note", place: "judgement")
    }
    try await exchange.review(
      breakGlass: id, accepted: form["judgement"] == "accepted", note: form["note"],
      as: try request.signedIn().caller)
    return PortalAnswer.seeOther("/emergency?done=reviewed")
  }

  private func breakTheGlass(_ request: PortalRequest) async throws -> Response {
    try request.require(.breakGlass)
    let visitor = try request.signedIn()
    let form = try await PortalForm(request)
    var draft = EmergenciesPage.Draft()
    draft.patient = form["patient"]
    draft.reason = form["reason"]
    draft.text = form["text"]
    draft.hours = form["hours"]
    if draft.patient.isEmpty { draft.errors["patient"] = "emergency.error_patient" }
    if BreakGlassSession.Emergency(rawValue: draft.reason) == nil {
      draft.errors["reason"] = "emergency.error_reason"
    }
    if draft.text.isEmpty { draft.errors["text"] = "emergency.error_text" }
    guard draft.errors.isEmpty, let hours = Int(draft.hours), [1, 4, 12, 24].contains(hours) else {
      return try await page(
        EmergenciesPage(
          sessions: [], mayReview: false, reasons: Self.reasons(visitor), draft: draft), request,
        notes: [PageFrame.Note(.alarm, "error.form")], status: .unprocessableContent)
    }
    _ = try await exchange.breakTheGlass(
      BreakGlassDraft(
        patient: draft.patient, reason: draft.reason, text: draft.text, hours: Double(hours)),
      as: try visitor.caller)
    return PortalAnswer.seeOther(
      "/record?done=opened",
      cookies: [
        PortalCookies.setting(PortalCookies.chart, draft.patient),
        PortalCookies.setting(PortalCookies.emergency, "1", seconds: hours * 3600),
      ])
  }
}
