import Consent
import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  func requests(_ request: PortalRequest) async throws -> Response {
    if case .request(let id) = request.route, !request.isPost, try !request.signedIn().isOwner {
      return try await outgoing(id, request)
    }
    try request.require(.decideSharing)
    let (visitor, chart) = try request.chart()
    guard case .request(let id) = request.route else {
      let cards = try await incoming(visitor)
      return try await page(RequestsPage(requests: cards), request)
    }
    // Whose request it is not, learns nothing of it.
    guard let card = try await incoming(visitor).first(where: { $0.id == id }) else {
      throw PeerChartError(.notFound, "there is no request of that id")
    }
    guard request.isPost else {
      return try await page(RequestPage(request: card, mayAnswer: true), request)
    }
    let form = try await PortalForm(request)
    return try await answer(card, chart, form, request)
  }

  /// How a request of this node's own staff stands.
  private func outgoing(_ id: String, _ request: PortalRequest) async throws -> Response {
    try request.require(.requestAccess)
    let visitor = try request.signedIn()
    let peers = try await exchange.peers()
    let asked = try await exchange.accessRequests(as: visitor.caller)
    guard let found = asked.first(where: { $0.id == id }) else {
      throw PeerChartError(.notFound, "there is no request of that id")
    }
    return try await page(
      RequestPage(
        request: Self.card(found, peers), mayAnswer: false,
        opensChart: visitor.permissions.contains(.readSharedCharts)), request)
  }

  private func answer(
    _ card: RequestCard, _ chart: String, _ form: PortalForm, _ request: PortalRequest
  ) async throws -> Response {
    let visitor = try request.signedIn()
    let answer: AccessAnswer
    switch form["decision"] {
    case "refuse":
      let note = form["note"]
      answer = .refuse(note: note.isEmpty ? nil : note)
    case "approve":
      let types = form.all("types").intersection(card.types)
      let labels = form.all("labels").intersection(card.labels)
      guard !types.isEmpty else {
        let draft = RequestPage.Draft(
          types: types, labels: labels, hours: form["hours"], error: "requests.error_types")
        return try await page(
          RequestPage(request: card, mayAnswer: true, draft: draft), request,
          notes: [PageFrame.Note(.alarm, "error.form")], status: .unprocessableContent)
      }
      answer = .grant(
        patient: chart, types: RecordTypeSet(types.compactMap(RecordType.init(rawValue:))),
        labels: labels.compactMap(SensitivityLabel.init(rawValue:))
          .reduce(into: LabelSet.ordinary) { $0.formUnion(LabelSet($1)) },
        seconds: DecimalDigits.parse(form["hours"].utf8, limit: 100_000).map { $0 * 3600 },
        maximumUses: nil)
    default: throw PeerChartError(.invalid, "a request is approved or refused", place: "decision")
    }
    do {
      let grant = try await exchange.answer(card.id, answer, as: try visitor.caller)
      return PortalAnswer.seeOther("/requests?done=\(grant == nil ? "refused" : "granted")")
    } catch let error as PeerChartError where error.code == .conflict {
      return PortalAnswer.seeOther("/requests/\(card.id)?problem=conflict")
    }
  }

  /// The requests that came in about the chart that is shown.
  func incoming(_ visitor: PortalVisitor) async throws -> [RequestCard] {
    let peers = try await exchange.peers()
    return try await exchange.accessRequests(as: try visitor.caller)
      .filter { $0.direction == "incoming" }.map { Self.card($0, peers) }
  }

  /// How many requests wait for the visitor.
  func waiting(_ visitor: PortalVisitor) async throws -> Int {
    guard visitor.isOwner else { return 0 }
    return try await incoming(visitor).count { $0.status == .pending }
  }

  static func verification(of peer: PeerSummary?) -> RequestCard.Verification {
    guard let peer else { return .unknown }
    let entity = peer.entity
    switch entity.state {
    case .unknown: return peer.kind == NodeKind.organization.rawValue ? .unaccredited : .paired
    case .accredited where entity.isVerified:
      return .accredited(
        organization: entity.organization ?? peer.name, npi: entity.npi ?? "", by: entity.by ?? "")
    case .accredited:
      return .withdrawn(state: "stale", by: entity.by ?? "", since: entity.knownAt ?? "")
    case .expired, .replaced, .suspended, .revoked:
      return .withdrawn(
        state: entity.state.rawValue, by: entity.by ?? "", since: entity.since ?? "")
    }
  }

  static func card(_ summary: AccessRequestSummary, _ peers: [PeerSummary]) -> RequestCard {
    // By the id: two nodes may call themselves the same.
    let peer = peers.first { $0.node == summary.node }
    return RequestCard(
      id: summary.id, who: summary.peer, verification: verification(of: peer),
      fingerprint: peer?.fingerprint,
      status: RequestCard.Status(rawValue: summary.status) ?? .pending,
      isOutgoing: summary.direction == "outgoing", types: summary.recordTypes,
      labels: summary.labels, actions: summary.actions, purpose: summary.purpose,
      hours: summary.hours, reason: summary.reason, patientName: summary.patientName,
      patientBirthDate: summary.patientBirthDate, at: summary.at, note: summary.note)
  }
}
