import Consent
import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// How long the code of somebody who is to help is good: a week.
  private static let helperCode: Int64 = 7 * 86_400

  /// In which capacity the visitor goes on, at which chart, and who helps with it.
  func family(_ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    guard request.isPost else { return try await page(familyPage(visitor), request) }
    let form = try await PortalForm(request)
    switch form["do"] {
    case "code": return try await take(form["code"], visitor, request)
    case "end":
      guard let account = AccountID(form["account"]), let chart = visitor.chart else {
        throw PeerChartError(.notFound, "there is no such person")
      }
      try await exchange.endRelationship(of: account, to: chart, as: visitor.caller)
      return PortalAnswer.seeOther("/family?done=helper_ended")
    default: return try await turn(form, visitor, request)
    }
  }

  private func turn(
    _ form: PortalForm, _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    if !form["patient"].isEmpty {
      // The staff turn to a chart. Whether it opens is decided with each record.
      guard Resource.isValidID(form["patient"]) else {
        throw PeerChartError(.notFound, "there is no such chart")
      }
      return PortalAnswer.seeOther(
        "/record",
        cookies: [
          PortalCookies.setting(PortalCookies.chart, form["patient"]),
          PortalCookies.setting(PortalCookies.emergency, "", seconds: 0),
        ])
    }
    guard let capacity = Capacity(form["chart"]) else {
      throw PeerChartError(.notFound, "there is no such chart")
    }
    let session = try await exchange.act(
      as: capacity, visitor.signedIn, from: request.origin())
    return PortalAnswer.seeOther("/?done=switched", cookies: Self.cookies(session))
  }

  private func familyPage(
    _ visitor: PortalVisitor, codeError: String? = nil
  ) async throws -> FamilyPage {
    let signedIn = visitor.signedIn
    let people = visitor.charts.map { chart in
      let proxy = signedIn.proxies.first {
        Capacity(role: .proxy, patient: $0.patient).description == chart.id
      }
      return FamilyPage.Person(
        chart, until: proxy?.until?.description, isOfAge: proxy?.relationship == .parent,
        types: proxy?.recordTypes)
    }
    let waiting = signedIn.proxies.filter { $0.relationship == .emergencyDelegate && !$0.isActive }
    var helpers: [FamilyPage.Helper]?
    if visitor.isOwner, let chart = visitor.chart {
      helpers = try await exchange.people(of: chart, as: visitor.caller)
        .filter { $0.relationship != RelationshipKind.treating.rawValue }
        .map {
          FamilyPage.Helper(
            account: $0.account, name: $0.name, relation: $0.relationship, until: $0.until,
            types: $0.recordTypes)
        }
    }
    return FamilyPage(
      people: people, shown: signedIn.capacity?.description,
      emergencies: waiting.map {
        FamilyPage.Emergency(
          patient: $0.patient, namedBy: $0.namedBy?.exposed, until: $0.until?.description)
      }, helpers: helpers, codeError: codeError)
  }

  /// Takes a code with the account that is signed in. The session gets another token, since it can do more
  /// than before.
  private func take(
    _ code: String, _ visitor: PortalVisitor, _ request: PortalRequest
  ) async throws -> Response {
    let origin = try request.origin()
    guard visitor.signedIn.authentication.isMultiFactor else {
      throw PeerChartError(.forbidden, "this asks for a second factor")
    }
    do {
      try await exchange.take(code: code, visitor.signedIn, from: origin)
    } catch let error as PeerChartError where error.code == .forbidden {
      return try await page(
        familyPage(visitor, codeError: "register.wrong_code"), request,
        status: .unprocessableContent)
    }
    let now = try await exchange.authenticate(
      session: visitor.signedIn.token, purpose: nil, networkAddress: origin.networkAddress,
      requestID: origin.requestID)
    guard let capacity = visitor.signedIn.capacity ?? now.capacity else {
      return PortalAnswer.seeOther("/family?done=code_taken")
    }
    let session = try await exchange.act(as: capacity, now, from: origin)
    return PortalAnswer.seeOther("/family?done=code_taken", cookies: Self.cookies(session))
  }

  /// Names somebody who helps with the chart, or who may open it in an emergency.
  func newHelper(_ request: PortalRequest) async throws -> Response {
    let (visitor, chart) = try request.chart()
    try request.require(.decideSharing)
    let all = RecordType.allCases.map(\.rawValue)
    guard request.isPost else { return try await page(NewHelperPage(types: all), request) }
    let form = try await PortalForm(request)
    guard let kind = RelationshipKind(rawValue: form["relation"]),
      kind == .caregiver || kind == .emergencyDelegate, let days = Int64(form["days"]),
      NewHelperPage.spans.contains(Int(days))
    else { throw PeerChartError(.invalid, "nobody is named as that", place: "relation") }
    let until = days == 0 ? nil : now.adding(seconds: days * 86_400)
    let types = RecordTypeSet(form.all("types").compactMap(RecordType.init(rawValue:)))
    let code = try await exchange.inviteAccount(
      as: types.isEmpty
        ? .relation(kind, patient: chart, until: until)
        : .limited(kind, patient: chart, until: until, to: types),
      lifetime: Self.helperCode, by: visitor.caller)
    // Shown once, so by this answer: the node keeps its hash.
    return try await page(NewHelperPage(types: all, invitation: code.text.exposed), request)
  }

  /// Opens the chart of somebody who named the visitor for emergencies.
  func delegate(for patient: String, _ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    guard
      let named = visitor.signedIn.proxies.first(where: {
        $0.patient == patient && $0.relationship == .emergencyDelegate
      })
    else { throw PeerChartError(.notFound, "there is no such page for you") }
    var model = DelegatePage(
      patient: patient, namedBy: named.namedBy?.exposed,
      types: named.recordTypes ?? RecordTypeSet.emergency.types.map(\.rawValue),
      reasons: BreakGlassSession.Emergency.allCases.map(\.rawValue))
    try await exchange.requireFreshFactor(visitor.signedIn)
    guard request.isPost else { return try await page(model, request) }
    let form = try await PortalForm(request)
    model.draft.reason = form["reason"]
    model.draft.text = form["text"]
    model.draft.hours = form["hours"]
    let reason = BreakGlassSession.Emergency(rawValue: form["reason"])
    if reason == nil { model.draft.errors["reason"] = "emergency.error_reason" }
    if form["text"].isEmpty { model.draft.errors["text"] = "emergency.error_text" }
    guard let reason, !form["text"].isEmpty, let hours = Int(form["hours"]),
      [1, 4, 12, 24].contains(hours)
    else {
      return try await page(
        model, request, notes: [PageFrame.Note(.alarm, "error.form")],
        status: .unprocessableContent)
    }
    let origin = try request.origin()
    let capacity = try await exchange.openAsDelegate(
      for: patient, reason: reason, text: form["text"], hours: hours, visitor.signedIn,
      from: origin)
    let session = try await exchange.act(as: capacity, visitor.signedIn, from: origin)
    return PortalAnswer.seeOther("/record?done=opened", cookies: Self.cookies(session))
  }
}
