import Consent
import Exchange
import FHIR
import Hummingbird
import Primitives

extension PortalRoutes {
  /// The purposes that are offered to choose from.
  static let purposes: [PurposeOfUse] = [
    .treatment, .emergencyTreatment, .careManagement, .payment, .coverage, .operations, .research,
    .publicHealth,
  ]

  func sharing(_ request: PortalRequest) async throws -> Response {
    try request.require(.decideSharing)
    let (visitor, chart) = try request.chart()
    switch request.route {
    case .newGrant: return try await newGrant(chart, request)
    case .revokeGrant(let id):
      _ = try await PortalForm(request)
      do {
        try await exchange.revoke(id, as: try visitor.caller)
      } catch let error as PeerChartError where error.code == .conflict {
        // Who presses twice gets what both presses ask for.
      }
      return PortalAnswer.seeOther("/sharing?done=revoked")
    default:
      return try await page(
        SharingPage(grants: try await grants(chart, visitor), now: now), request)
    }
  }

  func grants(_ chart: String, _ visitor: PortalVisitor) async throws -> [GrantCard] {
    let peers = try await exchange.peers().reduce(into: [:]) { $0["node:\($1.node)"] = $1 }
    return try await exchange.grants(of: chart, as: try visitor.caller).map { grant in
      let grantees = grant.grantee.split(separator: ", ").map(String.init)
      return GrantCard(
        id: String(grant.consent.drop { $0 != "/" }.dropFirst()),
        who: grantees.map { peers[$0]?.name ?? Self.readable($0) }.joined(separator: ", "),
        verification: grantees.count == 1
          ? grantees.first.flatMap { peers[$0] }.map(Self.verification) : nil,
        isDenial: grant.kind == "denial", isRevoked: grant.status == "revoked",
        types: grant.recordTypes, labels: grant.labels, purposes: grant.purposes,
        actions: grant.actions, until: grant.until, maximumUses: grant.maximumUses,
        uses: grant.uses)
    }
  }

  /// A grantee whom no paired node names: the value of the identifier, or the beginning of a node's id.
  private static func readable(_ grantee: String) -> String {
    if let bar = grantee.lastIndex(of: "|") { return String(grantee[bar...].dropFirst()) }
    let value = grantee.drop { $0 != ":" }.dropFirst()
    return value.count > 16 ? "\(value.prefix(16))…" : String(value)
  }

  private func newGrant(_ chart: String, _ request: PortalRequest) async throws -> Response {
    let visitor = try request.signedIn()
    let peers = try await exchange.peers()
    var draft = GrantForm()
    if request.isPost {
      draft = Self.grantForm(try await PortalForm(request), peers)
      if draft.errors.isEmpty, let grant = Self.grantDraft(draft, chart) {
        _ = try await exchange.grant(grant, as: try visitor.caller)
        return PortalAnswer.seeOther("/sharing?done=shared")
      }
    }
    return try await page(
      NewGrantPage(
        nodes: peers.map { ($0.node, $0.name) }, types: RecordType.allCases.map(\.rawValue),
        labels: SensitivityLabel.allCases.map(\.rawValue), purposes: Self.purposes.map(\.rawValue),
        draft: draft), request,
      notes: draft.errors.isEmpty ? [] : [PageFrame.Note(.alarm, "error.form")],
      status: draft.errors.isEmpty ? .ok : .unprocessableContent)
  }

  private static func grantForm(_ form: PortalForm, _ peers: [PeerSummary]) -> GrantForm {
    var draft = GrantForm()
    draft.isDenial = form["kind"] == "forbid"
    draft.to = form["to"]
    draft.types = form.all("types")
    draft.labels = form.all("labels")
    draft.purposes = form.all("purposes")
    draft.hours = form["hours"]
    if !peers.contains(where: { $0.node == draft.to }) { draft.errors["to"] = "sharing.error_to" }
    if draft.types.isEmpty { draft.errors["types"] = "sharing.error_types" }
    if draft.purposes.isEmpty { draft.errors["purposes"] = "sharing.error_purposes" }
    return draft
  }

  private static func grantDraft(_ draft: GrantForm, _ chart: String) -> GrantDraft? {
    guard let node = NodeID(draft.to), let hours = Int64(draft.hours),
      FormChoice.spans.contains(Int(hours))
    else { return nil }
    let labels = draft.labels.compactMap(SensitivityLabel.init(rawValue:))
    return GrantDraft(
      patient: chart, grantee: .node(node),
      types: RecordTypeSet(draft.types.compactMap(RecordType.init(rawValue:))),
      labels: labels.reduce(into: .ordinary) { $0.formUnion(LabelSet($1)) },
      purposes: PurposeSet(draft.purposes.compactMap(PurposeOfUse.init(rawValue:))),
      actions: draft.isDenial ? .all : [.read, .search], seconds: hours * 3600,
      isDenial: draft.isDenial)
  }
}
